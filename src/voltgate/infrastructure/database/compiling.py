"""From SQLAlchemy clauses to what a driver runs: SQL text with positional parameters, and the order of the values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert

from voltgate.infrastructure.database.port import Statement, Value, WrongParameters

_DIALECT = sqlite.dialect(paramstyle="qmark")

Order = Callable[[Mapping[str, Value]], tuple[Value, ...]]


@dataclass(slots=True, frozen=True)
class Prepared:
    """SQL text and the function that puts named parameters into its order."""

    sql: str
    order: Order


def prepare(statement: Statement, parameters: Mapping[str, Value]) -> Prepared:
    """`statement` compiled for these parameter names; compiled once per set of names.

    Raises: WrongParameters if one is missing or unknown.
    """
    compiled: dict[tuple[str, ...], Prepared] = statement.compiled
    names = tuple(parameters)
    if compiled is None:
        compiled = statement.compiled = {}
    prepared = compiled.get(names)
    if prepared is None:
        prepared = compiled[names] = compile_clause(statement.clause, parameters)
    return prepared


def compile_clause(clause: ClauseElement, parameters: Mapping[str, Value]) -> Prepared:
    """`clause` compiled for these parameter names; literal values in the clause are bound too."""
    # An INSERT without explicit values takes the columns it is given; every other statement says itself what it needs.
    columns = _given_columns(clause, parameters)
    compiled = cast(SQLCompiler, clause.compile(dialect=_DIALECT, column_keys=columns))
    _check(compiled, parameters)
    expanded = compiled.construct_expanded_state(dict(parameters))
    literals = {name: value for name, value in expanded.parameters.items() if name not in parameters}
    return Prepared(expanded.statement, _order(expanded.positiontup or (), literals))


def _given_columns(clause: ClauseElement, parameters: Mapping[str, Value]) -> list[str] | None:
    if not isinstance(clause, Insert):
        return None
    columns = {column.key for column in clause.table.columns}
    return [name for name in parameters if name in columns]


def _check(compiled: SQLCompiler, parameters: Mapping[str, Value]) -> None:
    needed = {bind.key for bind in compiled.binds.values() if bind.required}
    known = {bind.key for bind in compiled.binds.values()}
    missing, unknown = needed - parameters.keys(), parameters.keys() - known
    if missing or unknown:
        told = "; ".join(f"{word}: {', '.join(sorted(names))}" for word, names in (("missing", missing), ("unknown", unknown)) if names)
        raise WrongParameters(f"{told} in {str(compiled)!r}")


def _order(names: Sequence[str], literals: Mapping[str, Any]) -> Order:
    if not names:
        return lambda _parameters: ()
    if len(names) == 1:
        single = itemgetter(names[0])
        pick: Order = lambda parameters: (single(parameters),)  # noqa: E731 -- itemgetter of one name gives no tuple
    else:
        pick = itemgetter(*names)
    if not literals:
        return pick
    return lambda parameters: pick({**literals, **parameters})
