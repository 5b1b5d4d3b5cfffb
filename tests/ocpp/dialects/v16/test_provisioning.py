"""Boot and reset, in both directions."""

from typing import Any

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, answer_of, facts, hear, talk
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import PeerCannot

BOOT_16 = v16.BootNotificationRequest(
    chargePointVendor="Vendor",
    chargePointModel="Model",
    chargePointSerialNumber="S1",
    chargeBoxSerialNumber="B1",
    firmwareVersion="1.0",
    iccid="89",
    imsi="26",
    meterType="M",
    meterSerialNumber="M1",
)
BOOT_21 = v21.BootNotificationRequest(
    chargingStation=v21.ChargingStationType(
        model="Model",
        vendorName="Vendor",
        serialNumber="S1",
        firmwareVersion="1.0",
        modem=v21.ModemType(iccid="89", imsi="26"),
    ),
    reason="PowerUp",
    customData=facts(chargeBoxSerialNumber="B1", meterType="M", meterSerialNumber="M1"),
)


@pytest.mark.action("1.6:BootNotification")
@pytest.mark.parametrize("status", ["Accepted", "Pending", "Rejected"])
def test_a_boot_keeps_all_it_says_in_both_directions(status: v21.RegistrationStatusEnumType) -> None:
    answer_21 = v21.BootNotificationResponse(status=status, currentTime=NOW, interval=300)
    answer_16 = v16.BootNotificationResponse(status=status, currentTime=NOW, interval=300)
    assert play(DIALECT.hear_station(BOOT_16, talk()), [(BOOT_21, answer_21)]) == answer_16
    assert play(DIALECT.say_csms(BOOT_21, talk()), [(BOOT_16, answer_16)]) == answer_21
    encode(BOOT_21)


@pytest.mark.action("1.6:BootNotification")
def test_a_boot_that_says_little_is_heard_as_little() -> None:
    (heard,) = hear(talk(), v16.BootNotificationRequest(chargePointVendor="", chargePointModel=""))
    assert heard == v21.BootNotificationRequest(chargingStation=v21.ChargingStationType(model="", vendorName=""), reason="PowerUp")


@pytest.mark.action("1.6:BootNotification")
def test_a_vendor_that_is_too_long_is_refused() -> None:
    station = v21.ChargingStationType(model="m", vendorName="v" * 21)
    with pytest.raises(PeerCannot, match="vendorName has 21 characters"):
        play(DIALECT.say_csms(v21.BootNotificationRequest(chargingStation=station, reason="PowerUp"), talk()), [])


@pytest.mark.action("1.6:Reset", "1.6:BootNotification")
@pytest.mark.parametrize(("kind_21", "kind_16"), [("Immediate", "Hard"), ("OnIdle", "Soft")])
def test_a_reset_gives_the_next_boot_its_reason(kind_21: v21.ResetEnumType, kind_16: v16.ResetType) -> None:
    here = talk()
    script = [(v16.ResetRequest(type=kind_16), v16.ResetResponse(status="Accepted"))]
    assert play(DIALECT.say_station(v21.ResetRequest(type=kind_21), here), script) == v21.ResetResponse(status="Accepted")
    assert [boot.reason for boot in hear(here, BOOT_16, BOOT_16)] == ["RemoteReset", "PowerUp"]


@pytest.mark.action("1.6:Reset")
def test_a_refused_reset_changes_nothing() -> None:
    here = talk()
    script = [(v16.ResetRequest(type="Hard"), v16.ResetResponse(status="Rejected"))]
    play(DIALECT.say_station(v21.ResetRequest(type="Immediate"), here), script)
    assert here.memory.boot_reason == "PowerUp"


@pytest.mark.action("1.6:Reset")
@pytest.mark.parametrize(
    ("request_21", "reason"),
    [(v21.ResetRequest(type="OnIdle", evseId=1), "whole station"), (v21.ResetRequest(type="ImmediateAndResume"), "resume")],
)
def test_resets_that_16_does_not_have(request_21: v21.ResetRequest, reason: str) -> None:
    with pytest.raises(PeerCannot, match=reason):
        play(DIALECT.say_station(request_21, talk()), [])


@pytest.mark.action("1.6:Reset")
@pytest.mark.parametrize(
    ("kind", "answered", "status"), [("Hard", "Accepted", "Accepted"), ("Soft", "Scheduled", "Accepted"), ("Soft", "Rejected", "Rejected")]
)
def test_a_station_stops_its_transactions_for_either_reset(kind: v16.ResetType, answered: Any, status: v16.ResetStatus) -> None:
    here = talk()
    script = [(v21.ResetRequest(type="Immediate", customData=facts(type=kind)), v21.ResetResponse(status=answered))]
    assert play(DIALECT.hear_csms(v16.ResetRequest(type=kind), here), script) == v16.ResetResponse(status=status)
    assert here.memory.reset == (kind if status == "Accepted" else "")
    play(DIALECT.say_csms(BOOT_21, here), [(BOOT_16, v16.BootNotificationResponse(status="Accepted", currentTime=NOW, interval=1))])
    assert here.memory.reset == ""
    assert answer_of(BOOT_21).status == "Accepted"
