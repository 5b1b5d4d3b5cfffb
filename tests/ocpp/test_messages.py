"""What all messages have in common."""

import msgspec
import pytest

from tests.ocpp.schemas import messages
from voltgate.ocpp import v16, v21, v201
from voltgate.ocpp.messages import check_tenths


def test_all_messages_and_data_types_are_frozen_and_closed() -> None:
    kinds = {kind for package in (v16, v201, v21) for kind in vars(package).values() if isinstance(kind, type)}
    structs = {kind for kind in kinds if issubclass(kind, msgspec.Struct)}
    assert {message for _, message in messages()} < structs
    for kind in structs:
        config = kind.__struct_config__
        assert (config.frozen, config.omit_defaults, config.forbid_unknown_fields) == (True, True, True)


def test_every_name_of_a_package_is_exported() -> None:
    for package in (v16, v201, v21):
        assert all(hasattr(package, name) for name in package.__all__)


@pytest.mark.parametrize("value", [None, 0.0, 16.0, 16.1, -0.1, 0.3, 1e20, 1e300, 12345678.9])
def test_a_multiple_of_a_tenth_passes(value: float | None) -> None:
    check_tenths(value, "limit")


@pytest.mark.parametrize("value", [16.15, 0.05, 1e-7, 0.1 + 0.2, float("nan"), float("inf")])
def test_anything_finer_does_not(value: float) -> None:
    with pytest.raises(ValueError, match=r"`limit` must be a multiple of 0\.1"):
        check_tenths(value, "limit")


@pytest.mark.parametrize("unit", ["Celcius", "Celsius", "Hertz"])
def test_odd_units_of_16_are_understood(unit: str) -> None:
    raw = b'{"timestamp":"2025-01-01T00:00:00Z","sampledValue":[{"value":"1","unit":"%s"}]}' % unit.encode()
    assert msgspec.json.decode(raw, type=v16.MeterValue).sampledValue[0].unit == unit


def test_the_reason_of_a_stop_is_optional_in_16() -> None:
    raw = b'{"meterStop":1,"timestamp":"2025-01-01T00:00:00Z","transactionId":1}'
    assert msgspec.json.decode(raw, type=v16.StopTransactionRequest).reason is None


def test_messages_of_16_have_no_custom_data() -> None:
    assert not any("customData" in message.__struct_fields__ for version, message in messages() if version == "1.6")
    assert all("customData" in message.__struct_fields__ for version, message in messages() if version != "1.6")
