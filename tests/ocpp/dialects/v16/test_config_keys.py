"""The table of configuration keys: symmetrical, complete, and without two keys in one place."""

import pytest

from voltgate.ocpp import v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialects.v16.config_keys import KEYS, LEGACY, Key, hear_value, key_at, key_named, say_value


def place(component: str, variable: str, instance: str | None = None) -> tuple[v21.ComponentType, v21.VariableType]:
    return v21.ComponentType(name=component), v21.VariableType(name=variable, instance=instance)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_key_is_found_by_every_place_where_it_can_be_read(key: Key) -> None:
    assert key_at(*key.readable) == key
    assert key_at(*key.legacy) == key
    assert key_named(key.name.upper()) == key
    component, variable = key.places
    encode(v21.GetVariablesRequest(getVariableData=[v21.GetVariableDataType(component=component, variable=variable)]))


def test_no_two_keys_share_a_name_or_a_place() -> None:
    assert len({key.name.casefold() for key in KEYS}) == len(KEYS) == 52
    places = [(key.component, key.variable, key.instance, key.field) for key in KEYS if key.component != LEGACY]
    assert len(set(places)) == len(places)


def test_an_unknown_key_keeps_its_name_under_a_component_of_its_own() -> None:
    key = key_named("VendorSpecificKey")
    assert key == Key("VendorSpecificKey")
    assert key.places == place(LEGACY, "VendorSpecificKey")
    assert key_at(*place("ocpp16", "VendorSpecificKey")) == key


@pytest.mark.parametrize(
    ("component", "variable"),
    [
        place("AlignedDataCtrlr", "Available"),
        place("NoSuchCtrlr", "Enabled"),
        place("OCPPCommCtrlr", "MessageTimeout"),
        (v21.ComponentType(name="AuthCtrlr", evse=v21.EVSEType(id=1)), v21.VariableType(name="LocalPreAuthorize")),
        (v21.ComponentType(name="AuthCtrlr", instance="x"), v21.VariableType(name="LocalPreAuthorize")),
    ],
)
def test_a_variable_without_key_is_not_found(component: v21.ComponentType, variable: v21.VariableType) -> None:
    assert key_at(component, variable) is None


def test_names_are_compared_without_case() -> None:
    assert key_at(*place("authctrlr", "localpreauthorize")) == key_named("LocalPreAuthorize")
    assert key_at(*place("OCPPCommCtrlr", "messagetimeout", "default")) == key_named("MessageTimeout")


@pytest.mark.parametrize(
    ("name", "said", "heard"),
    [
        ("ChargingScheduleAllowedChargingRateUnit", "Current,Power", "A,W"),
        ("ChargingScheduleAllowedChargingRateUnit", "Power", "W"),
        ("AuthorizationKey", "73656372657421", "secret!"),
        ("MeterValuesSampledData", "Voltage,Current.Import", "Voltage,Current.Import"),
        ("HeartbeatInterval", "300", "300"),
    ],
)
def test_values_change_their_words_in_both_directions(name: str, said: str, heard: str) -> None:
    key = key_named(name)
    assert hear_value(key, key.places[0], said) == heard
    assert say_value(key, key.places[0], heard) == said
    assert hear_value(key, key.legacy[0], said) == said == say_value(key, key.legacy[0], said)


def test_spaces_in_a_list_do_not_hide_a_word() -> None:
    key = key_named("ChargingScheduleAllowedChargingRateUnit")
    assert hear_value(key, key.places[0], "Current, Power") == "A,W"


@pytest.mark.parametrize("value", ["no hex", "FFFF"])
def test_a_password_that_is_no_text_is_refused(value: str) -> None:
    key = key_named("AuthorizationKey")
    with pytest.raises(ValueError, match=r"fromhex|decode"):
        hear_value(key, key.places[0], value)
