"""What was read of GitHub, on disk: pages by their ETags, the last whole copy, the secret of pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from postlaunch.facts import Frozen, digest_of
from postlaunch.sources.tickets import Ticket
from postlaunch.sources.whole_files import kept_in, put_whole
from postlaunch.windows import Moment

COPY, SALT = "copy.json", "salt"
SALT_BYTES = 16
PSEUDONYM_LENGTH = 12


class IssuesCopy(Frozen):
    """The requests as they were read last, whole."""

    read_at: Moment
    tickets: tuple[Ticket, ...]


class KeptPage(Frozen):
    """One page as it was read last; nobody in it has a name."""

    etag: str
    following: str
    content: str


@dataclass(frozen=True)
class KeptIssues:
    """One folder for one question to one repository. A file that is damaged counts as not there."""

    folder: Path

    def copy(self) -> IssuesCopy | None:
        """The last whole copy."""
        return kept_in(self.folder / COPY, IssuesCopy)

    def put_copy(self, copy: IssuesCopy) -> None:
        """Keep a whole copy in place of the last."""
        put_whole(self.folder / COPY, copy.model_dump_json())

    def page(self, name: str) -> KeptPage | None:
        """The page that was kept under a name."""
        return kept_in(self.folder / _file(name), KeptPage)

    def put_page(self, name: str, page: KeptPage) -> None:
        """Keep a page, where the server named its version."""
        if page.etag:
            put_whole(self.folder / _file(name), page.model_dump_json())

    def pseudonym(self, login: str) -> str:
        """What stands for a person: the same each time, and of no use to who has not this folder's secret."""
        digest = hmac.new(self._salt(), login.casefold().encode("utf-8"), hashlib.sha256)
        return f"github-{digest.hexdigest()[:PSEUDONYM_LENGTH]}"

    def _salt(self) -> bytes:
        path = self.folder / SALT
        if not path.exists():
            put_whole(path, secrets.token_hex(SALT_BYTES))
        return path.read_bytes()


def _file(name: str) -> str:
    return f"page-{digest_of(name)[:32]}.json"
