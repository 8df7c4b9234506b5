"""Paths become routes, clients become bots, and neither grows without bound."""

from __future__ import annotations

import json

from postlaunch.sources import staging

START = 1763504103


def routes(log) -> set[str]:
    return {row[0] for row in log.cursor().execute("SELECT route FROM requests").fetchall()}


def request(path: str, agent: str | None = "Mozilla/5.0", at: int = START) -> str:
    return json.dumps({"time": at, "method": "GET", "path": path, "status": 200, "user_agent": agent})


PATHS = {
    "/": "/",
    "/users": "/users",
    "/users/": "/users",
    "//users//42": "/users/:id",
    "/users/42/roles/7": "/users/:id/roles/:id",
    "/users/42?x=1": "/users/:id",
    "/users/42;jsessionid=1": "/users/:id",
    "/users/42#top": "/users/:id",
    "https://example.org/users/42": "/users/:id",
    "/o/3f2504e0-4f89-11d3-9a0c-0305e82c3301": "/o/:uuid",
    "/commit/9fceb02d0ae598e95dc970b74767f19372d61af8": "/commit/:hash",
    "/reset/ada@example.org": "/reset/:email",
    "/reset/ada%40example.org": "/reset/:email",
    "/orders/order-1042": "/orders/:id",
    "/days/2025-11-18": "/days/:date",
    "/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123DEF456": "/t/:token",
    "/t/V1StGXR8_Z5jdHi6B-myT": "/t/:token",
    "/blog/why-ten-things-about-software-never-change": "/blog/why-ten-things-about-software-never-change",
    "/v2/items": "/v2/items",
    "/static/app.3f2a9c1b.js": "/static/app.3f2a9c1b.js",
    "/images/web/2009/banner.png": "/images/web/2009/banner.png",
    "/users/42/avatar.png": "/users/:id/avatar.png",
    "/items/42.json": "/items/:id.json",
    "/1/2/3/4/5/6/7/8/9/10/11/12/13": "/" + "/".join([":id"] * 12) + "/*",
    "/a\u202eb\u0007c": "/abc",
    "*": "*",
}


def test_a_path_falls_under_its_route(open_log) -> None:
    log = open_log([request(path, at=START + place) for place, path in enumerate(PATHS)])
    found = log.cursor().execute("SELECT route FROM requests ORDER BY ts").fetchall()
    assert dict(zip(PATHS, (row[0] for row in found), strict=True)) == PATHS


def test_templates_of_the_settings_come_first_and_in_order(open_log) -> None:
    templates = {"^/u/[^/]+$": "/u/:name", "^/u/": "/u/*"}
    log = open_log([request("/u/ada"), request("/u/ada/x"), request("/users/1")], path_templates=templates)
    assert routes(log) == {"/u/:name", "/u/*", "/users/:id"}


def test_rare_endpoints_beyond_the_limit_are_counted_by_folder(open_log, monkeypatch) -> None:
    monkeypatch.setattr(staging, "KEPT_ROUTES", 1)
    monkeypatch.setattr(staging, "KEPT_FOLDERS", 1)
    log = open_log([request(path) for path in ["/a"] * 3 + ["/b/x", "/b/y", "/c/x"]])
    assert routes(log) == {"/a", "/b/*", "/*"}
    assert log.coverage.routes_folded == 3


def test_a_scanners_many_paths_stay_few_endpoints(open_log) -> None:
    log = open_log([request(f"/p{n}q/x") for n in range(5_000)])
    assert len(routes(log)) <= 2_202


AGENTS = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": True,
    "curl/8.5.0": True,
    "kube-probe/1.29": True,
    "-": True,
    "": True,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.1 Safari/605.1.15": False,
    "Tiny Tiny RSS/1.11 (http://tt-rss.org/)": False,
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18) Chrome/120.0 Mobile Safari/537.36": False,
    None: None,
}


def test_bots_are_told_by_their_user_agent(open_log) -> None:
    log = open_log([request("/", agent, START + place) for place, agent in enumerate(AGENTS)])
    found = log.cursor().execute("SELECT bot FROM requests ORDER BY ts").fetchall()
    assert dict(zip(AGENTS, (row[0] for row in found), strict=True)) == AGENTS
