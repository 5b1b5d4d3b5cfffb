"""Settings: one TOML file, environment variables and flags, into a Struct; every mistake is named with what would be accepted.

The Struct is the documentation: a field is a key, a field that is itself a Struct is a section. ``ocpp.listen`` is ``listen`` in the
section ``[ocpp]``, and ``VOLTGATE_OCPP_LISTEN`` in the environment. Flags win over the environment, the environment over the file.
"""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import inspect

PREFIX = "VOLTGATE_"
OTHER_VARIABLES = frozenset({"VOLTGATE_ADMIN_KEY", "VOLTGATE_STATION_PASSWORD", "VOLTGATE_CHROMIUM", "VOLTGATE_TEST_NODE"})
"""Variables with our prefix that are no settings."""

_LISTS = (tuple, list, set, frozenset)

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class SettingsError(Exception):
    """Settings that cannot be used. The text has one line per mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(slots=True, frozen=True)
class _Key:
    """A setting: its dotted name and its type."""

    name: str
    type: Any

    @property
    def variable(self) -> str:
        return PREFIX + self.name.replace(".", "_").upper()


def load(struct: type[SettingsT], file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> SettingsT:
    """Read settings of the type `struct`.

    `file` must exist if it is given. `environment` is usually ``os.environ``; variables without our prefix are not looked at. `flags` are
    by dotted name; None means not given. Raises: SettingsError.
    """
    keys = {key.name: key for key in _keys(struct, "")}
    mistakes: list[str] = []
    values: dict[str, Any] = {}
    if file is not None:
        _take(keys, _flat(_read(file), "", keys), str(file), values, mistakes)
    _take(keys, _from_environment(keys, environment, mistakes), None, values, mistakes)
    given = {name: value for name, value in flags.items() if value is not None}
    _take(keys, given, "command line", values, mistakes)
    if mistakes:
        raise SettingsError(mistakes)
    return _build(struct, values, "")


def _keys(struct: type[msgspec.Struct], prefix: str) -> Iterator[_Key]:
    for field in msgspec.structs.fields(struct):
        if _is_section(field.type):
            yield from _keys(field.type, f"{prefix}{field.encode_name}.")
        else:
            yield _Key(prefix + field.encode_name, field.type)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError([f"{file}: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{file}: {error}"]) from error


def _flat(table: Mapping[str, Any], prefix: str, keys: Mapping[str, _Key]) -> dict[str, Any]:
    """Values by dotted name; a table which is the value of a key stays whole."""
    flat: dict[str, Any] = {}
    for word, value in table.items():
        name = prefix + word
        is_section = isinstance(value, dict) and any(key.startswith(name + ".") for key in keys)
        flat.update(_flat(value, name + ".", keys) if is_section else {name: value})
    return flat


def _from_environment(keys: Mapping[str, _Key], environment: Mapping[str, str], mistakes: list[str]) -> dict[str, str]:
    names = {key.variable.removeprefix(PREFIX): key.name for key in keys.values()}
    found = {}
    for variable, value in environment.items():
        word = variable.removeprefix(PREFIX)
        if word != variable and word in names:
            found[names[word]] = value
        elif variable.startswith(PREFIX) and variable not in OTHER_VARIABLES:
            mistakes.append(f"{variable}: unknown variable{_suggestion(word, names, PREFIX)}")
    return found


def _take(keys: Mapping[str, _Key], given: Mapping[str, Any], source: str | None, values: dict[str, Any], mistakes: list[str]) -> None:
    """Check what one source gives; `source` is None for the environment, where each value names itself."""
    for name, value in given.items():
        key = keys.get(name)
        if key is None:
            mistakes.append(f"{source}: {name}: {_unknown(name, keys)}")
            continue
        try:
            values[name] = _convert(value, key.type, is_text=source is None)
        except msgspec.ValidationError:
            where = key.variable if source is None else f"{source}: {name}"
            mistakes.append(f"{where} = {_shown(value)}: must be {describe(key.type)}")


def _convert(value: Any, kind: Any, *, is_text: bool) -> Any:
    if not is_text:
        return msgspec.convert(value, kind)
    if get_origin(kind) in _LISTS:
        value = [part.strip() for part in value.split(",") if part.strip()]
    return msgspec.convert(value, kind, strict=False)


def _unknown(name: str, keys: Mapping[str, _Key]) -> str:
    """What to say about an unknown name: the keys of its section, and the most similar key."""
    if any(key.startswith(name + ".") for key in keys):
        return f"this is a section, not a value: write [{name}]"
    section = name.rpartition(".")[0]
    accepted = sorted({_word_below(key, section) for key in keys if not section or key.startswith(section + ".")})
    return f"unknown key{_suggestion(name, keys)}; accepted: {', '.join(accepted)}"


def _word_below(key: str, section: str) -> str:
    return key.removeprefix(f"{section}." if section else "").partition(".")[0]


def _suggestion(word: str, known: Iterable[str], prefix: str = "") -> str:
    similar = difflib.get_close_matches(word, known, 1, 0.75)
    return f" (did you mean {prefix}{similar[0]}?)" if similar else ""


def _shown(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        return repr(value)


def describe(kind: Any) -> str:
    """What a setting of the type `kind` accepts, to be read after "must be"."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:  # in the order of the source; msgspec sorts
        return f"one of {', '.join(str(value) for value in arguments)}"
    if origin in _LISTS:
        return f"a list, each {describe(arguments[0])}"
    return _describe(inspect.type_info(kind))


def _describe(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata():
            return _describe(info.type)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() | inspect.FloatType():
            return _describe_number(info)
        case inspect.StrType():
            return "text" + (f" like {info.pattern}" if info.pattern else "")
        case inspect.UnionType():
            return " or ".join(_describe(one) for one in info.types if not isinstance(one, inspect.NoneType))
        case _:
            return f"a {type(info).__name__.removesuffix('Type').lower()}"


def _describe_number(info: inspect.IntType | inspect.FloatType) -> str:
    limits = ((info.ge, "at least"), (info.gt, "more than"), (info.le, "at most"), (info.lt, "less than"))
    said = [f"{words} {limit}" for limit, words in limits if limit is not None]
    return ", ".join(["a whole number" if isinstance(info, inspect.IntType) else "a number", *said])


def _build(struct: type[SettingsT], values: Mapping[str, Any], prefix: str) -> SettingsT:
    given: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        name = prefix + field.encode_name
        if _is_section(field.type):
            given[field.name] = _build(field.type, values, name + ".")
        elif name in values:
            given[field.name] = values[name]
        elif field.required:
            raise SettingsError([f"{name}: must be given"])
    try:
        return struct(**given)
    except (TypeError, ValueError) as error:
        raise SettingsError([f"{prefix.rstrip('.') or 'settings'}: {error}"]) from error
