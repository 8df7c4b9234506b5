"""The guard of ad-hoc queries: one SELECT over the table `events`, which counts and never states a figure.

What a model writes is parsed, and every node of it must be of a kind that is listed here; what is not listed
is refused. The embedded database has no access to anything outside its one table besides. A number may stand
in a condition; in what is selected only 0 and 1 may, so that a query measures and does not pass on a figure
that the model typed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postlaunch.errors import UsageError
from postlaunch.windows import Window

if TYPE_CHECKING:
    from sqlglot import exp

TABLE = "events"
COLUMNS = "ts, day, person, event, properties"
WITHIN = "SELECT ts, day, person, event, properties FROM events WHERE ts >= $start AND ts < $end"
LONGEST = 2000
DEEPEST = 40
REMEDY = (
    f"write one SELECT over {TABLE}({COLUMNS}); label columns first, then counts, sums, means, "
    "quantiles or the ratio of two of them"
)

STRUCTURE = (
    "Select",
    "From",
    "Join",
    "Table",
    "TableAlias",
    "With",
    "CTE",
    "Subquery",
    "Where",
    "Group",
    "Having",
    "Order",
    "Ordered",
    "Limit",
    "Alias",
    "Column",
    "Identifier",
    "Star",
    "Literal",
    "Null",
    "Boolean",
    "Paren",
    "DataType",
    "DataTypeParam",
    "Var",
    "Tuple",
    "Distinct",
    "Filter",
    "Window",
    "Bracket",
    "Interval",
)
CONDITIONS = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "Between", "In", "Is", "Like", "ILike")
LOGIC = ("And", "Or", "Not", "Case", "If", "Coalesce", "Nullif", "Exists")
ARITHMETIC = ("Add", "Sub", "Mul", "Div", "Neg")
FUNCTIONS = (
    "Cast",
    "TryCast",
    "TimestampTrunc",
    "DateTrunc",
    "Extract",
    "Hour",
    "DayOfWeek",
    "DayOfWeekIso",
    "Lower",
    "Upper",
    "Lag",
    "Lead",
    "RowNumber",
)
AGGREGATES = {
    "Count": "count",
    "CountIf": "count",
    "Sum": "sum",
    "Avg": "mean",
    "Min": "lowest",
    "Max": "highest",
    "Median": "median",
    "PercentileCont": "quantile",
    "Quantile": "quantile",
    "ApproxDistinct": "count",
}
"""Kinds of aggregates and what their figures are called."""
COUNTED = frozenset(kind for kind, figure in AGGREGATES.items() if figure == "count")
PERSON = "person"

ALLOWED = frozenset((*STRUCTURE, *CONDITIONS, *LOGIC, *ARITHMETIC, *FUNCTIONS, *AGGREGATES))
HOLDS_A_VALUE = frozenset(
    (*CONDITIONS, "Interval", "Limit", "PercentileCont", "Quantile", "DataTypeParam", "Bracket")
)
"""Under these a number or a text compares or names; it is not passed on."""
NAMES_A_UNIT = frozenset((("TimestampTrunc", "unit"), ("DateTrunc", "unit"), ("Extract", "this")))
NAMES_A_COLUMN = frozenset(("Ordered", "Group"))
NEUTRAL = frozenset(("0", "1", "0.0", "1.0"))
FACTORS = frozenset(("1", "1.0"))


@dataclass(frozen=True)
class Query:
    """A query that passed.

    Attributes:
        sql: to be run, with the table cut to the window.
        labels: how many columns before the figures say what a row is of.
        figures: what each figure is: "count", "mean", "ratio".
    """

    sql: str
    labels: int
    figures: tuple[str, ...]


def guarded(sql: str, window: Window) -> Query:
    """The query over the window's events, if it may be run.

    Raises:
        UsageError: it is not one SELECT over the events, or it states what it should measure.
    """
    select = _one_select(sql)
    for node in select.walk():
        if kind_refused := _refused(node):
            raise UsageError(f"query_events: {kind_refused}", REMEDY)
    _refuse_other_tables(select)
    labels, figures = _columns(select)
    return Query(_within(select, window).sql(dialect="duckdb"), labels, figures)


def _one_select(sql: str) -> exp.Select:
    import sqlglot
    from sqlglot import exp

    try:
        found = [one for one in sqlglot.parse(sql, dialect="duckdb") if one is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise UsageError("query_events: this cannot be read as SQL", REMEDY) from error
    if len(found) != 1 or not isinstance(found[0], exp.Select):
        raise UsageError("query_events takes exactly one SELECT", REMEDY)
    return found[0]


def _refused(node: exp.Expr) -> str:
    """Why a node may not stand in a query, or nothing."""
    from sqlglot import exp

    kind = type(node).__name__
    if kind not in ALLOWED:
        return f"{node.sql(dialect='duckdb')[:60]!r} is not allowed"
    if node.depth > DEEPEST:
        return "it is nested too deeply"
    if isinstance(node, exp.With) and node.args.get("recursive"):
        return "it may not be recursive"
    if (isinstance(node, exp.Star) and any(node.args.values())) or _renames(node):
        return "columns are named one by one, with AS"
    if isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        return "functions that return tables are not allowed"
    if isinstance(node, exp.Literal) and not _only_compares(node) and not _neutral(node):
        return f"{node.sql(dialect='duckdb')[:40]} is stated, not measured"
    return ""


def _renames(node: exp.Expr) -> bool:
    """Whether a part of the query names its columns as a list, where no expression stands beside the name."""
    from sqlglot import exp

    return isinstance(node, exp.TableAlias) and bool(node.args.get("columns"))


def _neutral(literal: exp.Literal) -> bool:
    """Whether a number passes nothing on: 0 or 1; as a factor 1 alone, as a term neither."""
    place = type(literal.parent).__name__
    allowed = FACTORS if place in ("Mul", "Div") else () if place in ARITHMETIC else NEUTRAL
    return not literal.is_string and literal.name in allowed


def _only_compares(literal: exp.Literal) -> bool:
    """Whether a value stands in a condition, as a key, a unit or a column's place, and so is in no result."""
    place = literal.parent
    if type(place).__name__ in NAMES_A_COLUMN or (type(place).__name__, literal.arg_key) in NAMES_A_UNIT:
        return True
    while place is not None:
        kind = type(place).__name__
        if kind in HOLDS_A_VALUE:
            return True
        if kind not in ("Cast", "TryCast", "Paren", "Neg", "Tuple", "Lower", "Upper"):
            return False
        place = place.parent
    return False


def _refuse_other_tables(select: exp.Select) -> None:
    """Let a query name the events, and those of its own parts that stand before: any other name is one of the
    database's own tables.
    """
    from sqlglot import exp

    made: set[str] = set()
    for part in select.ctes:
        if part.alias.lower() == TABLE:
            raise UsageError(f"query_events: {TABLE} is the table's name; call the part otherwise", REMEDY)
        _refuse_tables_but(made, part)
        made.add(part.alias)
    if len(list(select.find_all(exp.CTE))) > len(made):
        raise UsageError(
            "query_events: WITH stands once, before the SELECT, each part by its own name", REMEDY
        )
    _refuse_tables_but(made, select)


def _refuse_tables_but(made: Collection[str], part: exp.Expr) -> None:
    from sqlglot import exp

    for table in part.find_all(exp.Table):
        if table.db or table.catalog or (table.name != TABLE and table.name not in made):
            raise UsageError(f"query_events: there is no table {table.sql()[:60]}", REMEDY)


def _columns(select: exp.Select) -> tuple[int, tuple[str, ...]]:
    """How many labels come first, and what the figures after them are."""
    shown = [column.unalias() for column in select.expressions]
    labels = next((place for place, column in enumerate(shown) if _figure(column)), len(shown))
    figures = tuple(_figure(column) for column in shown[labels:])
    if not figures or not all(figures):
        raise UsageError(
            "query_events: after the labels, each column is an aggregate or a ratio of two", REMEDY
        )
    people = _people(select)
    for label in shown[:labels]:
        if not _label(label, people):
            raise UsageError(f"query_events: {label.sql(dialect='duckdb')[:60]!r} is no label", REMEDY)
    return labels, figures


def _figure(column: exp.Expr) -> str:
    """What a column's figure is called; nothing for a label."""
    from sqlglot import exp

    bare = column
    while isinstance(bare, exp.Paren | exp.Cast | exp.TryCast | exp.Filter):
        bare = bare.this
    if isinstance(bare, exp.Nullif | exp.Coalesce):
        return _figure(bare.this)
    if isinstance(bare, exp.Div):
        return "ratio" if _figure(bare.this) and _figure(bare.expression) else ""
    if isinstance(bare, exp.Mul):
        return _figure(bare.expression) if isinstance(bare.this, exp.Literal) else ""
    name = AGGREGATES.get(type(bare).__name__, "")
    return name if name == "count" or bare.find(exp.Column) else ""


def _label(column: exp.Expr, people: Collection[str]) -> bool:
    """Whether a column says what a row is of: an event, a day or hour, a property; never a person.

    What an inner query left without a name, as in "max(person)", is no label either.
    """
    from sqlglot import exp

    names = [one.name for one in column.find_all(exp.Column)]
    if any(name.lower() in people or not name.isidentifier() for name in names):
        return False
    if isinstance(column, exp.Cast):
        return column.to.this is exp.DataType.Type.DATE and isinstance(column.this, exp.Column)
    return isinstance(column, exp.Column | exp.Bracket | exp.TimestampTrunc | exp.DateTrunc | exp.Hour)


def _people(select: exp.Select) -> frozenset[str]:
    """Names, in lower case, that may stand for people: their column, whole rows, what is made of these."""
    from sqlglot import exp

    parts = select.find_all(exp.Table, exp.Subquery, exp.CTE)
    names = {PERSON, *(part.alias_or_name.lower() for part in parts)}
    aliases = list(select.find_all(exp.Alias))
    while more := {one.alias.lower() for one in aliases if _passes_on(one.this, names)} - names:
        names |= more
    return frozenset(names)


def _passes_on(expression: exp.Expr, names: Collection[str]) -> bool:
    """Whether the value of an expression may be that of one of these columns."""
    from sqlglot import exp

    columns = [column for column in expression.find_all(exp.Column) if column.name.lower() in names]
    return not all(_only_asked(column, expression) for column in columns)


def _only_asked(column: exp.Column, expression: exp.Expr) -> bool:
    """Whether a column is only counted, compared, or said to part or order rows by."""
    node: exp.Expr = column
    while node is not expression and node.parent is not None:
        kind = type(node.parent).__name__
        if kind in COUNTED or kind in CONDITIONS or (kind == "Window" and node.arg_key != "this"):
            return True
        node = node.parent
    return False


def _within(select: exp.Select, window: Window) -> exp.Select:
    """The query with the table cut to the observed part of the window, and sorted so that it repeats."""
    from sqlglot import exp, parse_one

    for table in [table for table in select.find_all(exp.Table) if table.name == TABLE]:
        name = exp.TableAlias(this=exp.to_identifier(table.alias or TABLE))
        table.replace(exp.Subquery(this=parse_one(WITHIN, dialect="duckdb"), alias=name))
    return select
