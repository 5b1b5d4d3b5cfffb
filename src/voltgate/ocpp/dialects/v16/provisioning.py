"""BootNotification and Reset."""

from typing import Any

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.kept import KEPT, keep
from voltgate.ocpp.dialects.v16.limits import short
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import PeerCannot

BOOT = "BootNotification"
_FACTS = ("chargeBoxSerialNumber", "meterType", "meterSerialNumber")
"""What 1.6 says about a station and 2.1 does not."""


def hear_boot(request: v16.BootNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """A station starts. 1.6 gives no reason: it is the reset or trigger we asked for, otherwise the power-up that 1.6 §4.2 speaks of."""
    modem = v21.ModemType(iccid=request.iccid, imsi=request.imsi) if request.iccid or request.imsi else None
    answer: v21.BootNotificationResponse = yield v21.BootNotificationRequest(
        chargingStation=v21.ChargingStationType(
            model=request.chargePointModel,
            vendorName=request.chargePointVendor,
            serialNumber=request.chargePointSerialNumber,
            firmwareVersion=request.firmwareVersion,
            modem=modem,
        ),
        reason=talk.memory.boot_reason,
        customData=keep(**{name: getattr(request, name) for name in _FACTS}),
    )
    talk.memory.boot_reason = "PowerUp"
    return v16.BootNotificationResponse(status=answer.status, currentTime=answer.currentTime, interval=answer.interval)


def say_boot(request: v21.BootNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """A station says that it starts; the reason has no place in 1.6. Raises PeerCannot for names that are too long."""
    station = request.chargingStation
    facts: dict[str, Any] = (request.customData or {}).get(KEPT, {})
    modem = station.modem or v21.ModemType()
    answer: v16.BootNotificationResponse = yield v16.BootNotificationRequest(
        chargePointVendor=short(BOOT, "vendorName", station.vendorName, 20),
        chargePointModel=station.model,
        chargePointSerialNumber=station.serialNumber,
        firmwareVersion=station.firmwareVersion,
        iccid=modem.iccid,
        imsi=modem.imsi,
        **{name: facts.get(name) for name in _FACTS},
    )
    talk.memory.reset = ""
    return v21.BootNotificationResponse(status=answer.status, currentTime=answer.currentTime, interval=answer.interval)


def say_reset(request: v21.ResetRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS resets the whole station: Immediate is Hard, OnIdle is Soft.

    Soft stops running transactions properly before it resets (1.6 §5.14), it does not wait for them as OnIdle does.
    """
    if request.evseId is not None:
        raise PeerCannot("Reset", "OCPP 1.6 resets only the whole station")
    if request.type == "ImmediateAndResume":
        raise PeerCannot("Reset", "OCPP 1.6 cannot resume transactions after a reset")
    answer: v16.ResetResponse = yield v16.ResetRequest(type="Hard" if request.type == "Immediate" else "Soft")
    if answer.status == "Accepted":
        talk.memory.boot_reason = "RemoteReset"
    return v21.ResetResponse(status=answer.status)


def hear_reset(request: v16.ResetRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is reset. Both kinds are Immediate, because 1.6 stops transactions for both; `memory` knows which it was."""
    answer: v21.ResetResponse = yield v21.ResetRequest(type="Immediate", customData=keep(type=request.type))
    if answer.status == "Rejected":
        return v16.ResetResponse(status="Rejected")
    talk.memory.reset = request.type
    return v16.ResetResponse(status="Accepted")


HEAR_STATION = {v16.BootNotificationRequest: hear_boot}
SAY_STATION = {v21.ResetRequest: say_reset}
HEAR_CSMS = {v16.ResetRequest: hear_reset}
SAY_CSMS = {v21.BootNotificationRequest: say_boot}
