import pytest

from tests.station.harness import Bench
from voltgate.links.backoff import BackOff
from voltgate.ocpp import v21
from voltgate.ocpp.dialects.registry import DIALECTS
from voltgate.ocpp.messages import Version
from voltgate.station.connecting import follow_backoff, password_of
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


@pytest.mark.requirement("TC_B_57_CS")
def test_new_waits_count_at_once() -> None:
    bench = Bench()
    backoff = follow_backoff(bench.station, BackOff())
    place = v21.ComponentType(name="OCPPCommCtrlr")
    for name, value in (("RetryBackOffWaitMinimum", "7"), ("RetryBackOffRandomRange", "0"), ("RetryBackOffRepeatTimes", "1")):
        wish = v21.SetVariableDataType(component=place, variable=v21.VariableType(name=name), attributeValue=value)
        (result,) = bench.ask(v21.SetVariablesRequest(setVariableData=[wish])).setVariableResult
        assert result.attributeStatus == "Accepted"
    follow_backoff(bench.station, backoff)
    assert [backoff.next() for _ in range(4)] == [7, 14, 14, 14]
