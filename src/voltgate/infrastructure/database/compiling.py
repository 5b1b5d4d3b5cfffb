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

Order = Callable[[Any], tuple[Value, ...]]
"""Puts values into the order of the SQL: named ones, or a row in the order of the statement's names."""


@dataclass(slots=True, frozen=True)
class Prepared:
    """SQL text and the function that puts the values into its order."""

    sql: str
    order: Order


_ROW = ("a row",)


def prepare(statement: Statement, parameters: Mapping[str, Value] | tuple[Value, ...]) -> Prepared:
    """`statement` compiled for these parameter names, or for a row; compiled once per set of names.

    Raises: WrongParameters if one is missing or unknown.
    """
    compiled: dict[tuple[str, ...], Prepared] = statement.compiled
    names = _ROW if isinstance(parameters, tuple) else tuple(parameters)
    if compiled is None:
        compiled = statement.compiled = {}
    prepared = compiled.get(names)
    if prepared is None:
        named = dict.fromkeys(statement.names) if isinstance(parameters, tuple) else parameters
        prepared = compiled[names] = compile_clause(statement.clause, named, row=named is not parameters)
    return prepared


def compile_clause(clause: ClauseElement, parameters: Mapping[str, Value], *, row: bool = False) -> Prepared:
    """`clause` compiled for these parameter names; literal values in the clause are bound too.

    With `row` the values will come as a tuple in the order of `parameters`.
    """
    # An INSERT without explicit values takes the columns it is given; every other statement says itself what it needs.
    columns = _given_columns(clause, parameters)
    compiled = cast(SQLCompiler, clause.compile(dialect=_DIALECT, column_keys=columns))
    _check(compiled, parameters)
    expanded = compiled.construct_expanded_state(dict(parameters))
    literals = {name: value for name, value in expanded.parameters.items() if name not in parameters}
    order = _order_of_row(list(parameters), expanded.positiontup or (), literals) if row else _order(expanded.positiontup or (), literals)
    return Prepared(expanded.statement, order)


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
    pick = _picker(names)
    return (lambda parameters: pick({**literals, **parameters})) if literals else pick


def _order_of_row(given: Sequence[str], names: Sequence[str], literals: Mapping[str, Any]) -> Order:
    """As `_order`, for values in the order of `given`."""
    places = {name: place for place, name in enumerate([*given, *literals])}
    pick, added = _picker([places[name] for name in names]), tuple(literals.values())
    return (lambda row: pick(row + added)) if added else pick


def _picker(keys: Sequence[Any]) -> Order:
    """The values under `keys`, as a tuple."""
    if not keys:
        return lambda _values: ()
    if len(keys) == 1:
        single = itemgetter(keys[0])
        return lambda values: (single(values),)
    return itemgetter(*keys)
