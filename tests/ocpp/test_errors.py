"""The error tree and the spelling of codes per version."""

from typing import get_args

import pytest

from voltgate.ocpp import errors
from voltgate.ocpp.errors import ERROR_CODES, CallRefused, ErrorCode, InvalidAnswer, MessageError, PeerCannot, hear_code, spell

NOT_IN_16 = {"MessageTypeNotSupported": "ProtocolError", "RpcFrameworkError": "GenericError"}
WORDED_DIFFERENTLY_IN_16 = {
    "FormatViolation": "FormationViolation",
    "OccurrenceConstraintViolation": "OccurenceConstraintViolation",
}


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_2x_spells_codes_as_we_do(code: ErrorCode) -> None:
    assert spell(code, "2.0.1") == spell(code, "2.1") == code


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_16_keeps_its_odd_spellings(code: ErrorCode) -> None:
    assert spell(code, "1.6") == {**NOT_IN_16, **WORDED_DIFFERENTLY_IN_16}.get(code, code)


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_both_spellings_are_heard(code: ErrorCode) -> None:
    assert hear_code(code) == code
    assert hear_code(WORDED_DIFFERENTLY_IN_16.get(code, code)) == code


@pytest.mark.parametrize("text", ["", "Nonsense", "notimplemented"])
def test_a_code_outside_the_table_is_a_generic_error(text: str) -> None:
    assert hear_code(text) == "GenericError"


def test_every_code_has_its_class() -> None:
    classes = [member for member in vars(errors).values() if isinstance(member, type) and issubclass(member, MessageError)]
    assert {member.code for member in classes} == ERROR_CODES
    assert len([member for member in classes if member is not MessageError]) == len(ERROR_CODES)


def test_a_message_error_carries_description_and_details() -> None:
    error = errors.FormatViolation("idToken: missing", {"path": "idToken"})
    assert (error.code, error.description, error.details) == ("FormatViolation", "idToken: missing", {"path": "idToken"})
    assert errors.GenericError().details == {}


def test_a_refused_call_keeps_the_word_of_the_peer() -> None:
    refused = CallRefused("FormatViolation", "why", {"a": 1}, "FormationViolation")
    assert (refused.code, refused.spelled, refused.details, str(refused)) == (
        "FormatViolation",
        "FormationViolation",
        {"a": 1},
        "FormatViolation: why",
    )
    assert CallRefused("GenericError").spelled == "GenericError"


def test_the_other_errors_say_what_happened() -> None:
    assert str(PeerCannot("SetDefaultTariff", "1.6 has no tariffs")) == "SetDefaultTariff: 1.6 has no tariffs"
    assert InvalidAnswer(errors.TypeConstraintViolation("status: number")).error.code == "TypeConstraintViolation"
