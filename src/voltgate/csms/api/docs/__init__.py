"""The description of the API as one page for people: made on the server, complete without JavaScript, nothing loaded from elsewhere."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from voltgate.csms.api.headers import nonce_of

_HERE = Path(__file__).parent
_METHODS = ("get", "post", "patch", "put", "delete")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format", "default")


class Field(NamedTuple):
    """A member of a schema, or a parameter, as a line of a table."""

    name: str
    kind: str
    link: str | None
    required: bool
    text: str


class Operation(NamedTuple):
    """One method on one path."""

    anchor: str
    method: str
    path: str
    summary: str
    text: str
    role: str
    parameters: list[Field]
    takes: Field | None
    gives: list[tuple[str, str, Field | None]]


def render(document: dict[str, Any], scope: Any) -> str:
    """The page for a finished OpenAPI description."""
    page: str = _template().render(
        info=document["info"],
        groups=_groups(document),
        schemas=[(name, _anchor(name), schema, _fields(schema)) for name, schema in sorted(document["components"]["schemas"].items())],
        nonce=nonce_of(scope),
        pieces=_pieces,
    )
    return page


@cache
def _template() -> Any:
    # Jinja is not needed before somebody reads the page.
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html")


def _groups(document: dict[str, Any]) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(_operation(path, method, item[method]))
    return dict(sorted(groups.items(), key=lambda group: (group[0] == "calls", group[0])))


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    body = operation.get("requestBody")
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        role=operation.get("x-role", ""),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", [])],
        takes=_content(body, "body") if body else None,
        gives=[(status, answer.get("description", ""), _content(answer, status)) for status, answer in operation["responses"].items()],
    )


def _parameter(parameter: dict[str, Any]) -> Field:
    field = _field(parameter["name"], parameter.get("schema", {}), parameter.get("required", False))
    told = parameter.get("description") or field.text
    return field._replace(text=f"{parameter['in']}. {told}".rstrip(". ") + ".")


def _content(holder: dict[str, Any], name: str) -> Field | None:
    for kind, content in holder.get("content", {}).items():
        field = _field(name, content.get("schema", {}), True)
        return field if field.kind != "anything" else field._replace(kind=kind)
    return None


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [_field(name, member, name in required) for name, member in schema.get("properties", {}).items()]


def _field(name: str, schema: dict[str, Any], required: bool) -> Field:
    kind, link = _kind(schema)
    limits = ", ".join(f"{limit} {schema[limit]}" for limit in _LIMITS if limit in schema and schema[limit] is not None)
    return Field(name, kind, link, required, " ".join(part for part in (schema.get("description", ""), limits) if part))


def _kind(schema: dict[str, Any]) -> tuple[str, str | None]:
    """The words for a type, and the anchor of the schema it is made of."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, _anchor(name)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"]), None
    for word in ("anyOf", "oneOf"):
        if word in schema:
            parts = [_kind(part) for part in schema[word]]
            return " | ".join(part for part, _ in parts), next((link for _, link in parts if link), None)
    if schema.get("type") == "array":
        kind, link = _kind(schema.get("items", {}))
        return f"list of {kind}", link
    return _plain(schema), None


def _plain(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "anything")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


def _anchor(name: str) -> str:
    return f"schema-{name}"


def _pieces(path: str) -> Iterator[tuple[str, bool]]:
    """A path cut into text and parameters, for the page's colours."""
    for piece in path.replace("{", "\0{").replace("}", "}\0").split("\0"):
        if piece:
            yield piece, piece.startswith("{")
