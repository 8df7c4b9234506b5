"""Every way a line may be written is read the same."""

from __future__ import annotations

import gzip
import json
from datetime import datetime

import pytest

from postlaunch.errors import SettingsError, SourceError

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
COMMON = '203.0.113.7 - ada [18/Nov/2025:14:15:03 -0800] "GET /users/42?page=2 HTTP/1.1" 200 512'
COMBINED = f'{COMMON} "https://example.org/" "{AGENT}"'
MOMENT = datetime(2025, 11, 18, 22, 15, 3)  # noqa: DTZ001  (as DuckDB gives it: UTC, naive)


def only_row(log):
    """The one request of a log, by column."""
    cursor = log.cursor().execute("SELECT * FROM requests")
    (row,) = cursor.fetchall()
    return dict(zip([column[0] for column in cursor.description], row, strict=True))


LINES = {
    COMMON: None,
    COMBINED: None,
    f"{COMBINED} 0.125": 125.0,
    f"{COMBINED} 125000": 125.0,
    f'{COMBINED} "198.51.100.9" 0.125': 125.0,
    f"{COMBINED} rt=0.125": 125.0,
    f'{COMBINED} "0.125"': 125.0,
    f'{COMBINED} "-"': None,
    f"{COMMON} 0.125": 125.0,
    f"example.org:443 {COMBINED} 0.125": 125.0,
    f"{COMBINED} -\r": None,
}


def test_a_web_servers_line_is_read_whole_in_every_shape(open_log) -> None:
    log = open_log(list(LINES))
    found = log.cursor().execute(
        "SELECT DISTINCT ts, method, path, route, status, client, user_id, bytes FROM requests"
    )
    assert found.fetchall() == [(MOMENT, "GET", "/users/42", "/users/:id", 200, "203.0.113.7", "ada", 512)]


def test_the_number_at_a_lines_end_is_its_response_time(open_log) -> None:
    found = open_log(list(LINES)).cursor().execute("SELECT latency_ms FROM requests").fetchall()
    assert sorted(str(row[0]) for row in found) == sorted(map(str, LINES.values()))


@pytest.mark.parametrize(
    ("unit", "written"), [("seconds", "2"), ("milliseconds", "2000"), ("microseconds", "2000000")]
)
def test_the_unit_of_the_trailing_time_can_be_named(open_log, unit: str, written: str) -> None:
    assert only_row(open_log([f"{COMBINED} {written}"], request_time=unit))["latency_ms"] == 2000


def test_quotes_and_backslashes_inside_fields_are_unescaped(open_log) -> None:
    line = COMBINED.replace("/users/42?page=2", r"/say\"hi\"\\").replace(AGENT, r"a \"quoted\" agent")
    row = only_row(open_log([line]))
    assert (row["path"], row["agent"]) == ('/say"hi"\\', 'a "quoted" agent')


def test_an_ipv6_address_is_no_virtual_host(open_log) -> None:
    assert only_row(open_log([COMBINED.replace("203.0.113.7", "2001:db8::7")]))["client"] == "2001:db8::7"


@pytest.mark.parametrize("request_line", ["-", "\\x16\\x03\\x01", ""])
def test_a_request_that_cannot_be_read_still_counts(open_log, request_line: str) -> None:
    line = COMBINED.replace("GET /users/42?page=2 HTTP/1.1", request_line).replace(" 200 ", " 400 ")
    row = only_row(open_log([line]))
    assert (row["method"], row["route"], row["status"]) == ("-", "(unreadable)", 400)


TIMES = [
    "2025-11-18T22:15:03Z",
    "2025-11-18T14:15:03-08:00",
    "2025-11-18T14:15:03.000-0800",
    "2025-11-18 14:15:03 -08",
    "2025-11-18 22:15:03 UTC",
    "2025-11-18 14:15:03",
    "2025-11-18T14:15:03,000",
    "18/Nov/2025:14:15:03 -0800",
    1763504103,
    1763504103.0,
    1763504103000,
    1763504103000000,
    1763504103000000000,
    "1763504103",
]


def test_json_times_may_be_written_in_many_ways(open_log) -> None:
    lines = [json.dumps({"time": time, "status": 200 + place}) for place, time in enumerate(TIMES)]
    log = open_log(lines, zone="America/Los_Angeles")
    found = log.cursor().execute("SELECT ts FROM requests ORDER BY status").fetchall()
    assert found == [(MOMENT,)] * len(TIMES)


def test_json_keys_are_found_by_their_usual_names(open_log) -> None:
    line = json.dumps(
        {
            "@timestamp": "2025-11-18T22:15:03Z",
            "http": {"request": {"method": "PUT"}, "status_code": "200"},
            "url": {"path": "/users/7f9c1de2"},
            "duration_us": 1500,
            "user": {"id": 12},
            "kubernetes": {"pod": {"name": "web-1"}},
            "user_agent": {"original": AGENT},
        }
    )
    row = only_row(open_log([line]))
    assert (row["method"], row["route"], row["status"]) == ("PUT", "/users/:hash", 200)
    assert (row["latency_ms"], row["user_id"], row["pod"], row["agent"]) == (1.5, "12", "web-1", AGENT)


def test_a_mapping_reaches_into_objects_and_keys_with_dots(open_log) -> None:
    line = json.dumps({"at": {"t": 1763504103}, "http.code": 204, "took": 0.25, "p": "/a", "m": "GET"})
    fields = {"time": "at.t", "status": "http.code", "latency": "took", "path": "p", "method": "m"}
    row = only_row(open_log([line], fields=fields, latency_unit="seconds"))
    assert (row["ts"], row["status"], row["latency_ms"]) == (MOMENT, 204, 250)


def test_nginx_request_times_in_json_are_seconds(open_log) -> None:
    line = json.dumps({"time_iso8601": "2025-11-18T22:15:03Z", "request": "GET /a?b HTTP/1.1"})
    line = line[:-1] + ', "status": "200", "request_time": "0.250", "remote_user": "-"}'
    row = only_row(open_log([line]))
    assert (row["method"], row["path"], row["latency_ms"], row["user_id"]) == ("GET", "/a", 250, None)


def test_files_of_both_formats_and_gzip_are_one_log(open_log, tmp_path) -> None:
    (tmp_path / "a.log").write_text(COMBINED + "\n", encoding="utf-8")
    with gzip.open(tmp_path / "b.json.gz", "wt") as file:
        file.write(json.dumps({"time": 1763504104, "status": 500, "path": "/"}))
    log = open_log("", paths=("*.log", "b.json.gz"))
    assert (log.coverage.lines_parsed, log.coverage.format) == (2, "combined, json")
    assert log.coverage.files == ("a.log", "access.log", "b.json.gz")


def test_a_gzip_file_is_known_by_its_content(open_log) -> None:
    assert open_log(gzip.compress(COMBINED.encode()), name="access.log").coverage.lines_parsed == 1


def test_lines_of_many_zones_fall_on_one_clock(open_log) -> None:
    zones = ["-0800", "+0000", "+0530"]
    log = open_log([COMBINED.replace("14:15:03 -0800", f"12:00:00 {zone}") for zone in zones])
    hours = log.cursor().execute("SELECT hour(ts), minute(ts) FROM requests ORDER BY ts").fetchall()
    assert hours == [(6, 30), (12, 0), (20, 0)]


def test_json_without_a_known_time_says_which_keys_there_are(open_log) -> None:
    with pytest.raises(SourceError, match="hold the time; the first one has: status, when"):
        open_log([json.dumps({"when": 1, "status": 200})])


def test_a_template_that_is_no_regular_expression_is_a_setting_at_fault(open_log) -> None:
    with pytest.raises(SettingsError) as caught:
        open_log([COMBINED], path_templates={"(": "/x"})
    assert caught.value.key == "sources.requests.path_templates"
