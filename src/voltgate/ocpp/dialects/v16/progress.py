"""What a station tells about jobs and security: firmware, diagnostics, logs, security events, its certificate."""

from collections.abc import Mapping
from typing import get_args

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.kept import keep, kept
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import PeerCannot

DIAGNOSTICS = "DiagnosticsStatusNotification"

_DIAGNOSTICS_HEARD: Mapping[v16.DiagnosticsStatus, v21.UploadLogStatusEnumType] = {
    "Idle": "Idle",
    "Uploaded": "Uploaded",
    "UploadFailed": "UploadFailure",
    "Uploading": "Uploading",
}
_DIAGNOSTICS_SAID: Mapping[str, v16.DiagnosticsStatus] = {
    "Idle": "Idle",
    "Uploaded": "Uploaded",
    "Uploading": "Uploading",
}
"""Everything else is a failure."""

_FIRMWARE_16: Mapping[str, v16.FirmwareStatus] = {word: word for word in get_args(v16.FirmwareStatus)}
_UPLOADS_16: Mapping[str, v16.UploadLogStatusEnumType] = {word: word for word in get_args(v16.UploadLogStatusEnumType)}


def hear_firmware(request: v16.FirmwareStatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """Progress of an update without a request number."""
    yield v21.FirmwareStatusNotificationRequest(status=request.status)
    return v16.FirmwareStatusNotificationResponse()


def hear_signed_firmware(request: v16.SignedFirmwareStatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """Progress of a signed update."""
    yield v21.FirmwareStatusNotificationRequest(
        status=request.status, requestId=request.requestId, customData=keep(action="SignedFirmwareStatusNotification")
    )
    return v16.SignedFirmwareStatusNotificationResponse()


def say_firmware(request: v21.FirmwareStatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """Progress with a request number is that of a signed update. Raises PeerCannot for a word that plain updates do not have."""
    if request.requestId is not None or kept(request.customData, "action"):
        yield v16.SignedFirmwareStatusNotificationRequest(status=request.status, requestId=request.requestId)
    elif request.status in _FIRMWARE_16:
        yield v16.FirmwareStatusNotificationRequest(status=_FIRMWARE_16[request.status])
    else:
        raise PeerCannot("FirmwareStatusNotification", f"OCPP 1.6 has no {request.status} without a request number")
    return v21.FirmwareStatusNotificationResponse()


def hear_diagnostics(request: v16.DiagnosticsStatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """Diagnostics are a log in 2.1."""
    yield v21.LogStatusNotificationRequest(status=_DIAGNOSTICS_HEARD[request.status], customData=keep(action=DIAGNOSTICS))
    return v16.DiagnosticsStatusNotificationResponse()


def hear_log(request: v16.LogStatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """Progress of a log upload."""
    yield v21.LogStatusNotificationRequest(status=request.status, requestId=request.requestId)
    return v16.LogStatusNotificationResponse()


def say_log(request: v21.LogStatusNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """Progress of a log upload, by the name under which the log was asked for. Raises PeerCannot for AcceptedCanceled."""
    if talk.memory.diagnostics or kept(request.customData, "action") == DIAGNOSTICS:
        yield v16.DiagnosticsStatusNotificationRequest(status=_DIAGNOSTICS_SAID.get(request.status, "UploadFailed"))
    elif request.status in _UPLOADS_16:
        yield v16.LogStatusNotificationRequest(status=_UPLOADS_16[request.status], requestId=request.requestId)
    else:
        raise PeerCannot("LogStatusNotification", f"OCPP 1.6 has no {request.status}")
    return v21.LogStatusNotificationResponse()


def hear_security_event(request: v16.SecurityEventNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """A security event is the same in both."""
    yield v21.SecurityEventNotificationRequest(type=request.type, timestamp=request.timestamp, techInfo=request.techInfo)
    return v16.SecurityEventNotificationResponse()


def say_security_event(request: v21.SecurityEventNotificationRequest, talk: Talk[Memory]) -> Dialogue:
    """A security event is the same in both."""
    yield v16.SecurityEventNotificationRequest(type=request.type, timestamp=request.timestamp, techInfo=request.techInfo)
    return v21.SecurityEventNotificationResponse()


def hear_sign_certificate(request: v16.SignCertificateRequest, talk: Talk[Memory]) -> Dialogue:
    """A station wants its certificate signed; 1.6 has only that one kind."""
    answer: v21.SignCertificateResponse = yield v21.SignCertificateRequest(csr=request.csr, certificateType="ChargingStationCertificate")
    return v16.SignCertificateResponse(status=answer.status)


def say_sign_certificate(request: v21.SignCertificateRequest, talk: Talk[Memory]) -> Dialogue:
    """A station wants its certificate signed. Raises PeerCannot for other kinds of certificate."""
    if request.certificateType not in (None, "ChargingStationCertificate"):
        raise PeerCannot("SignCertificate", f"OCPP 1.6 signs no {request.certificateType}")
    answer: v16.SignCertificateResponse = yield v16.SignCertificateRequest(csr=request.csr)
    return v21.SignCertificateResponse(status=answer.status)


HEAR_STATION = {
    v16.FirmwareStatusNotificationRequest: hear_firmware,
    v16.SignedFirmwareStatusNotificationRequest: hear_signed_firmware,
    v16.DiagnosticsStatusNotificationRequest: hear_diagnostics,
    v16.LogStatusNotificationRequest: hear_log,
    v16.SecurityEventNotificationRequest: hear_security_event,
    v16.SignCertificateRequest: hear_sign_certificate,
}
SAY_CSMS = {
    v21.FirmwareStatusNotificationRequest: say_firmware,
    v21.LogStatusNotificationRequest: say_log,
    v21.SecurityEventNotificationRequest: say_security_event,
    v21.SignCertificateRequest: say_sign_certificate,
}
