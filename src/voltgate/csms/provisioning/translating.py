"""Between the messages of 2.1 and our keys and columns."""

from voltgate.csms.provisioning.model import NO_EVSE, VariableKey
from voltgate.infrastructure.database import Value
from voltgate.ocpp import v21


def key_of(component: v21.ComponentType, variable: v21.VariableType, attribute: str | None) -> VariableKey:
    """The key of an attribute of a variable; Actual if the message does not say."""
    evse = component.evse
    return VariableKey(
        component=component.name,
        variable=variable.name,
        evse_id=NO_EVSE if evse is None else evse.id,
        connector_id=NO_EVSE if evse is None else evse.connectorId or NO_EVSE,
        component_instance=component.instance or "",
        instance=variable.instance or "",
        attribute=attribute or "Actual",
    )


def component_of(key: VariableKey) -> v21.ComponentType:
    """The component of a key."""
    evse = v21.EVSEType(id=key.evse_id, connectorId=key.connector_id or None) if key.evse_id else None
    return v21.ComponentType(name=key.component, instance=key.component_instance or None, evse=evse)


def variable_of(key: VariableKey) -> v21.VariableType:
    """The variable of a key."""
    return v21.VariableType(name=key.variable, instance=key.instance or None)


def attribute_of(key: VariableKey) -> v21.AttributeEnumType | None:
    """The attribute of a key; None for Actual, which is the default."""
    attributes: dict[str, v21.AttributeEnumType] = {"Target": "Target", "MinSet": "MinSet", "MaxSet": "MaxSet"}
    return attributes.get(key.attribute)


def told_by(attribute: v21.VariableAttributeType, characteristics: v21.VariableCharacteristicsType | None) -> dict[str, Value]:
    """What a report tells about an attribute, as columns."""
    told: dict[str, Value] = {
        "value": attribute.value,
        "mutability": attribute.mutability or "ReadWrite",
        "persistent": int(bool(attribute.persistent)),
        "constant": int(bool(attribute.constant)),
    }
    if characteristics is not None:
        told |= {
            "data_type": characteristics.dataType,
            "unit": characteristics.unit,
            "min_limit": _text(characteristics.minLimit),
            "max_limit": _text(characteristics.maxLimit),
            "max_elements": characteristics.maxElements,
            "values_list": characteristics.valuesList,
            "supports_monitoring": int(characteristics.supportsMonitoring),
        }
    return told


def _text(number: float | None) -> str | None:
    return None if number is None else f"{number:g}"
