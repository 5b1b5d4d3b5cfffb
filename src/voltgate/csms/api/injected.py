"""What routes are given by name besides their parameters and their body.

A route writes ``async def list_sites(context: TheContext, operator: Who) -> ...``; to a type checker these are `Context` and `Operator`.
"""

from typing import Literal

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from voltgate.csms.context import Context

Role = Literal["viewer", "operator", "admin"]


class Operator(Struct, frozen=True):
    """Who makes a request: a person who logged in, or the name of an API key."""

    name: str
    role: Role


TheContext = NamedDependency[SkipValidation[Context]]
"""The parameter `context` of a route."""

Who = NamedDependency[SkipValidation[Operator]]
"""The parameter `operator` of a route."""
