"""Where notifications go: addresses from the environment or from a private file, named by a digest elsewhere.

An address of apprise ("slack://TOKEN/#channel") is a secret. What is stored, shown or logged is its label,
"slack-1f0c22ab": enough to find it again, useless for sending.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from postlaunch.errors import SettingsError
from postlaunch.facts import Frozen
from postlaunch.settings import Settings

ADDRESS = re.compile(r"(?:(?P<person>[^\s=:/][^=:/\n]*?)\s*=\s*)?(?P<url>[A-Za-z][A-Za-z0-9+.-]*://\S+)")
LABEL_DIGITS = 8
OTHERS_BITS = stat.S_IRWXG | stat.S_IRWXO


class Target(Frozen):
    """One address that notifications go to.

    Attributes:
        label: what stands for the address wherever it is named.
        person: whose own it is; empty for one that several people read. Only a person's own gets a link.
    """

    label: str
    person: str
    url: SecretStr


def targets_of(settings: Settings, environment: Mapping[str, str]) -> tuple[Target, ...]:
    """The addresses that the settings say where to find, each once.

    Raises:
        SettingsError: there is no such variable or file, others may read the file, or an address cannot be
            read; no address is ever quoted.
    """
    found: dict[str, Target] = {}
    notify = settings.notify
    if notify.urls_env:
        text = environment.get(notify.urls_env, "")
        if not text.strip():
            raise SettingsError(
                f"the environment variable {notify.urls_env} is not set, and holds no address",
                f"set {notify.urls_env}, or take notify.urls_env out",
                key="notify.urls_env",
            )
        found |= {one.label: one for one in addresses_in(text, notify.urls_env, "notify.urls_env")}
    if notify.urls_file:
        path = settings.path(notify.urls_file)
        found |= {one.label: one for one in addresses_in(_read(path), str(path), "notify.urls_file")}
    return tuple(found.values())


def addresses_in(text: str, place: str, key: str) -> Iterator[Target]:
    """The addresses of a text: "NAME = URL" for a person's own, "URL" otherwise; "#" begins a comment line.

    Args:
        place, key: where the text is from, and the setting that says so; for the error.

    Raises:
        SettingsError: something in it is no address.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        if ADDRESS.sub("", line).strip(" \t,;"):
            raise SettingsError(
                f"line {number} of {place} is no address of apprise (it is not shown: it may hold a secret)",
                "write URL, or NAME = URL, e.g. ana = mailto://user:password@example.org",
                key=key,
            )
        for match in ADDRESS.finditer(line):
            yield _target((match["person"] or "").strip(" \t,;"), match["url"].rstrip(",;"))


def _target(person: str, url: str) -> Target:
    digest = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
    label = f"{url.partition(':')[0].lower()}-{digest[:LABEL_DIGITS]}"
    return Target(label=label, person=person, url=SecretStr(url))


def _read(path: Path) -> str:
    try:
        if path.stat().st_mode & OTHERS_BITS:
            raise SettingsError(
                f"{path} holds secrets, and others may read it", f"chmod 600 {path}", key="notify.urls_file"
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SettingsError(
            f"{path} cannot be read: {why}",
            "name a text file with one address a line",
            key="notify.urls_file",
        ) from None
