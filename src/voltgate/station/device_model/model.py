"""Variables by component, with their characteristics, and the rules for reading and writing them.

Names are compared without regard to case, as `identifierString` is. Only the attribute Actual is offered.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from voltgate.ocpp import v21

SetStatus = v21.SetVariableStatusEnumType
GetStatus = v21.GetVariableStatusEnumType
Mutability = v21.MutabilityEnumType
DataKind = v21.DataEnumType


class Key(NamedTuple):
    """Where a variable is. Texts are in lower case; see `Key.of`."""

    component: str
    component_instance: str
    evse_id: int
    connector_id: int
    variable: str
    variable_instance: str

    @classmethod
    def of(cls, component: v21.ComponentType, variable: v21.VariableType) -> "Key":
        """The key of a component and variable as they are written in a message."""
        evse = component.evse
        return cls(
            component.name.lower(),
            (component.instance or "").lower(),
            0 if evse is None else evse.id,
            0 if evse is None else evse.connectorId or 0,
            variable.name.lower(),
            (variable.instance or "").lower(),
        )

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key of a variable of the station written as ``Component.Variable`` or ``Component.Variable[instance]``."""
        component, _, rest = text.partition(".")
        variable, _, instance = rest.partition("[")
        return cls(component.lower(), "", 0, 0, variable.lower(), instance.rstrip("]").lower())


@dataclass(slots=True)
class Variable:
    """One variable. `read` computes a value that is not stored; `check` refuses a value with a reason."""

    component: str
    name: str
    value: str = ""
    instance: str | None = None
    component_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    kind: DataKind = "string"
    mutability: Mutability = "ReadOnly"
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    reboot: bool = False
    """A new value works after the next boot."""
    default: str = field(init=False)
    read: Callable[[], str] | None = None
    check: Callable[[str], str | None] | None = None

    def __post_init__(self) -> None:
        self.default = self.value

    @property
    def key(self) -> Key:
        """Its place in the model."""
        return Key.of(self.component_type, self.variable_type)

    @property
    def component_type(self) -> v21.ComponentType:
        """The component as messages write it."""
        evse = None if self.evse_id is None else v21.EVSEType(id=self.evse_id, connectorId=self.connector_id)
        return v21.ComponentType(name=self.component, evse=evse, instance=self.component_instance)

    @property
    def variable_type(self) -> v21.VariableType:
        """The variable as messages write it."""
        return v21.VariableType(name=self.name, instance=self.instance)

    @property
    def actual(self) -> str:
        """The value now."""
        return self.value if self.read is None else self.read()

    def objection(self, value: str) -> str | None:
        """Why `value` is refused (B05.FR.07, B05.FR.08); None if it is fine."""
        return self._form_objection(value) or self._range_objection(value) or (None if self.check is None else self.check(value))

    def _form_objection(self, value: str) -> str | None:
        if self.kind == "boolean" and value.lower() not in ("true", "false"):
            return "true or false is expected"
        if self.kind in ("integer", "decimal") and not _is_number(value, whole=self.kind == "integer"):
            return f"a number of type {self.kind} is expected"
        if self.kind == "dateTime" and not _is_time(value):
            return "a date and time is expected"
        if self.choices and self.kind in ("MemberList", "SequenceList"):
            unknown = [item for item in split_list(value) if item not in self.choices]
            return f"not in the list of values: {', '.join(unknown)}" if unknown else None
        if self.choices and self.kind == "OptionList" and value not in self.choices:
            return f"not in the list of values: {value}"
        return None

    def _range_objection(self, value: str) -> str | None:
        size = float(value) if self.kind in ("integer", "decimal") else float(len(value))
        if self.low is not None and size < self.low:
            return f"less than {self.low:g}"
        if self.high is not None and size > self.high:
            return f"more than {self.high:g}"
        return None


@dataclass(frozen=True, slots=True)
class SetResult:
    """What came of a wish to set a variable; `changed` if it has a new value."""

    status: SetStatus
    reason: str | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class GetResult:
    """What came of a wish to read a variable."""

    status: GetStatus
    value: str | None = None


class DeviceModel:
    """All variables of a station."""

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._variables: dict[Key, Variable] = {}
        self._components: set[tuple[str, str, int, int]] = set()
        for variable in variables:
            self.add(variable)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._variables.values())

    def add(self, variable: Variable) -> None:
        """Offer one more variable; it takes the place of one with the same key."""
        key = variable.key
        self._variables[key] = variable
        self._components.add(key[:4])

    def find(self, key: Key) -> Variable | Literal["UnknownComponent", "UnknownVariable"]:
        """The variable at `key`, or what is unknown about it (B06.FR.06, B06.FR.07)."""
        found = self._variables.get(key)
        if found is not None:
            return found
        return "UnknownVariable" if key[:4] in self._components else "UnknownComponent"

    def set(self, key: Key, value: str, attribute: v21.AttributeEnumType | None = None) -> SetResult:
        """Set a variable from outside (B05)."""
        variable = self.find(key)
        if not isinstance(variable, Variable):
            return SetResult(variable)
        if attribute not in (None, "Actual"):
            return SetResult("NotSupportedAttributeType")
        if variable.mutability == "ReadOnly":
            return SetResult("Rejected", "the variable is read-only")
        objection = variable.objection(value)
        if objection is not None:
            return SetResult("Rejected", objection)
        changed, variable.value = variable.value != value, value
        return SetResult("RebootRequired" if variable.reboot and changed else "Accepted", changed=changed)

    def get(self, key: Key, attribute: v21.AttributeEnumType | None = None) -> GetResult:
        """Read a variable from outside (B06)."""
        variable = self.find(key)
        if not isinstance(variable, Variable):
            return GetResult(variable)
        if attribute not in (None, "Actual"):
            return GetResult("NotSupportedAttributeType")
        if variable.mutability == "WriteOnly":
            return GetResult("Rejected")  # B06.FR.09
        return GetResult("Accepted", variable.actual)

    # ---- for the station itself

    def text(self, component: str, name: str, instance: str = "") -> str:
        """The value of a variable that the station has for sure. Raises KeyError if not."""
        return self._variables[Key(component.lower(), "", 0, 0, name.lower(), instance.lower())].actual

    def integer(self, component: str, name: str, instance: str = "") -> int:
        """The value as a number; 0 when it is empty."""
        return int(self.text(component, name, instance) or 0)

    def flag(self, component: str, name: str) -> bool:
        """The value as yes or no."""
        return self.text(component, name).lower() == "true"

    def members(self, component: str, name: str) -> tuple[str, ...]:
        """The value as a list."""
        return split_list(self.text(component, name))

    def set_factory_value(self, key: Key, value: str) -> None:
        """Change what the variable is before anybody sets it. Raises ValueError when it cannot have that value."""
        result = self.set(key, value)
        if result.status not in ("Accepted", "RebootRequired"):
            raise ValueError(f"{key.component}.{key.variable} cannot be {value!r}: {result.reason or result.status}")
        self._variables[key].default = value

    def put(self, component: str, name: str, value: str) -> None:
        """Set a variable from inside, whatever its mutability."""
        self._variables[Key(component.lower(), "", 0, 0, name.lower(), "")].value = value

    def changed_values(self) -> dict[str, str]:
        """The values that differ from the defaults, by a text form of their key, for the store."""
        return {"\t".join(map(str, key)): item.value for key, item in self._variables.items() if item.value != item.default}

    def restore(self, values: dict[str, str]) -> None:
        """Take back what `changed_values` gave; variables that no longer exist are forgotten."""
        for text, value in values.items():
            component, component_instance, evse, connector, variable, instance = text.split("\t")
            found = self._variables.get(Key(component, component_instance, int(evse), int(connector), variable, instance))
            if found is not None:
                found.value = value


def split_list(value: str) -> tuple[str, ...]:
    """The items of a comma-separated list."""
    return tuple(item.strip() for item in value.split(",") if item.strip())


def _is_number(value: str, *, whole: bool) -> bool:
    try:
        _ = int(value) if whole else float(value)
    except ValueError:
        return False
    return value.strip().lower() not in ("nan", "inf", "-inf")


def _is_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
