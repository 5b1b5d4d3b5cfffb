import pytest

from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.messages import Version
from voltgate.station.connecting import password_of
from voltgate.station.settings import StationSpec
from voltgate.station.station import Station

HEX = "0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF"


@pytest.mark.parametrize(
    ("version", "password", "sent"),
    [
        ("1.6", HEX, bytes.fromhex(HEX)),
        ("1.6", "a plain password here", "a plain password here"),
        ("1.6", HEX[:30], HEX[:30]),
        ("2.0.1", HEX, HEX),
        ("2.1", None, None),
    ],
)
def test_how_a_password_is_sent(version: Version, password: str | None, sent: str | bytes | None) -> None:
    station = Station(StationSpec(id="S", password=password), 0)
    assert password_of(station, DIALECTS[version].traits) == sent
