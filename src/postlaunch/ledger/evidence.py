"""Facts and documents: what a run measured and worked out, kept out of the graph's state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pydantic import JsonValue
from sqlalchemy import and_, insert, select, update

from postlaunch.errors import UsageError
from postlaunch.facts import Fact, digest_of
from postlaunch.ledger.fence import require_lease
from postlaunch.ledger.part import LedgerPart
from postlaunch.ledger.records import Lease
from postlaunch.ledger.rows import storable
from postlaunch.ledger.tables import documents, facts

AT_ONCE = 500
"""Ids per query: below the least number of parameters that a database accepts."""


class Evidence(LedgerPart):
    """Keep facts by their content and documents by their name."""

    def keep_facts(self, lease: Lease, found: Iterable[Fact]) -> None:
        """Store facts; one that is there already, from this run or another, is not stored again.

        Raises:
            LeaseLost: the run passed to another process.
        """
        by_id = {fact.id: fact for fact in found}
        with self._database.write(durable=False) as connection:
            require_lease(connection, lease)
            now = self._now()
            ids = list(by_id)
            for first in range(0, len(ids), AT_ONCE):
                some = ids[first : first + AT_ONCE]
                known = set(connection.execute(select(facts.c.id).where(facts.c.id.in_(some))).scalars())
                rows = [
                    {
                        "id": fact_id,
                        "run": lease.run,
                        "body": by_id[fact_id].model_dump(mode="json"),
                        "at": now,
                    }
                    for fact_id in some
                    if fact_id not in known
                ]
                if rows:
                    connection.execute(insert(facts), rows)

    def facts(self, ids: Collection[str]) -> dict[str, Fact]:
        """The facts with these ids; an id that is not stored is left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Fact] = {}
        with self._database.read() as connection:
            for first in range(0, len(wanted), AT_ONCE):
                some = select(facts.c.id, facts.c.body).where(facts.c.id.in_(wanted[first : first + AT_ONCE]))
                for row in connection.execute(some):
                    found[row.id] = Fact.model_validate(row.body)
        return {fact_id: found[fact_id] for fact_id in wanted if fact_id in found}

    def put_document(self, lease: Lease, name: str, body: Mapping[str, JsonValue]) -> str:
        """Store a run's document under a name, replacing the one there; the same content is left as it is.

        Returns:
            The digest of its content, for a state that wants to refer to exactly this one.

        Raises:
            LeaseLost: the run passed to another process.
            UsageError: the body is no JSON; NaN and infinity are none.
        """
        content = storable(dict(body))
        try:
            digest = digest_of(content)
        except (TypeError, ValueError) as error:
            raise UsageError(f"the document {name} is no JSON: {error}") from error
        mine = and_(documents.c.run == lease.run, documents.c.name == name)
        values = {"run": lease.run, "name": name, "digest": digest, "body": content, "at": self._now()}
        with self._database.write(durable=False) as connection:
            require_lease(connection, lease)
            known = connection.execute(select(documents.c.digest).where(mine)).one_or_none()
            if known is None:
                connection.execute(insert(documents).values(values))
            elif known.digest != digest:
                connection.execute(update(documents).where(mine).values(values))
        return digest

    def document(self, run: str, name: str) -> dict[str, JsonValue] | None:
        """A run's document, or None."""
        mine = select(documents.c.body).where(documents.c.run == run, documents.c.name == name)
        with self._database.read() as connection:
            row = connection.execute(mine).one_or_none()
        return None if row is None else dict(row.body)

    def document_names(self, run: str) -> tuple[str, ...]:
        """The names of a run's documents, in alphabetical order."""
        names = select(documents.c.name).where(documents.c.run == run).order_by(documents.c.name)
        with self._database.read() as connection:
            return tuple(connection.execute(names).scalars())
