"""The Authorization header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.links import basic_auth


@pytest.mark.requirement("A00.FR.205")
def test_the_key_of_16_is_sent_as_raw_bytes() -> None:
    """The sample of OCPP-J 1.6 §6.2.2."""
    key = bytes.fromhex("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF")
    assert basic_auth.header("AL1000", key) == "Basic QUwxMDAwOgABAgMEBQYH////////////////"
    assert basic_auth.parse("Basic QUwxMDAwOgABAgMEBQYH////////////////") == ("AL1000", key)


@pytest.mark.requirement("A00.FR.204")
def test_the_user_ends_at_the_first_colon() -> None:
    assert basic_auth.parse(basic_auth.header("CS1", "a:b:c")) == ("CS1", b"a:b:c")


def test_text_goes_out_as_utf_8() -> None:
    assert basic_auth.parse(basic_auth.header("CS1", "pässwörd")) == ("CS1", "pässwörd".encode())


@pytest.mark.parametrize("header", ["basic Q1MxOnB3", "BASIC   Q1MxOnB3 ", "Basic Q1MxOnB3"])
def test_scheme_and_spaces_are_read_loosely(header: str) -> None:
    assert basic_auth.parse(header) == ("CS1", b"pw")


@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic ", "Bearer Q1MxOnB3", "Basic ä", "Basic !!!", "Basic Q1MxOnB", "Basic Q1Mx", "Basic /zpwdw=="]
)
def test_what_is_no_basic_authentication_is_none(header: str | None) -> None:
    assert basic_auth.parse(header) is None


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(basic_auth.parse(basic_auth.header("CS1", "secret")))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":")), st.binary())
def test_what_is_said_is_heard(user: str, password: bytes) -> None:
    assert basic_auth.parse(basic_auth.header(user, password)) == (user, password)


@given(st.text())
def test_nothing_makes_parsing_raise(header: str) -> None:
    basic_auth.parse(header)
    basic_auth.parse("Basic " + header)
