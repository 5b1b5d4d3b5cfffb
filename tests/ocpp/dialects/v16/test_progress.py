"""Firmware, logs, security events and certificates: nothing that a station says is lost."""

from typing import Any, get_args

import pytest

from tests.ocpp.dialects.v16.talking import DIALECT, NOW, hear, run, talk
from voltgate.ocpp import v16, v21
from voltgate.ocpp.actions import encode
from voltgate.ocpp.dialogue import play
from voltgate.ocpp.errors import PeerCannot

MESSAGES = [
    *(v16.FirmwareStatusNotificationRequest(status=status) for status in get_args(v16.FirmwareStatus)),
    *(v16.SignedFirmwareStatusNotificationRequest(status=status, requestId=4) for status in get_args(v16.FirmwareStatusEnumType)),
    v16.SignedFirmwareStatusNotificationRequest(status="Idle"),
    *(v16.DiagnosticsStatusNotificationRequest(status=status) for status in get_args(v16.DiagnosticsStatus)),
    *(v16.LogStatusNotificationRequest(status=status, requestId=4) for status in get_args(v16.UploadLogStatusEnumType)),
    v16.SecurityEventNotificationRequest(type="StartupOfTheDevice", timestamp=NOW, techInfo="x"),
]


@pytest.mark.action(
    "1.6:FirmwareStatusNotification",
    "1.6:SignedFirmwareStatusNotification",
    "1.6:DiagnosticsStatusNotification",
    "1.6:LogStatusNotification",
    "1.6:SecurityEventNotification",
)
@pytest.mark.parametrize("message", MESSAGES, ids=repr)
def test_progress_goes_there_and_back(message: Any) -> None:
    (heard,) = hear(talk(), message)
    encode(heard)
    assert run(DIALECT.say_csms(heard, talk()))[0] == [message]


@pytest.mark.parametrize(
    "request_21",
    [v21.FirmwareStatusNotificationRequest(status="InstallRebooting"), v21.LogStatusNotificationRequest(status="AcceptedCanceled")],
)
def test_words_that_16_does_not_have_are_refused(request_21: Any) -> None:
    with pytest.raises(PeerCannot, match=request_21.status):
        play(DIALECT.say_csms(request_21, talk()), [])


@pytest.mark.action("1.6:SignCertificate")
def test_a_certificate_is_signed_in_both_directions() -> None:
    wire = v16.SignCertificateRequest(csr="CSR")
    heard = v21.SignCertificateRequest(csr="CSR", certificateType="ChargingStationCertificate")
    answer_21, answer_16 = v21.SignCertificateResponse(status="Accepted"), v16.SignCertificateResponse(status="Accepted")
    assert play(DIALECT.hear_station(wire, talk()), [(heard, answer_21)]) == answer_16
    assert play(DIALECT.say_csms(heard, talk()), [(wire, answer_16)]) == answer_21
    with pytest.raises(PeerCannot, match="V2GCertificate"):
        play(DIALECT.say_csms(v21.SignCertificateRequest(csr="CSR", certificateType="V2GCertificate"), talk()), [])
