"""Passwords of stations and the rules of the profiles."""

import pytest

from voltgate.csms.security.model import Credentials, Passwords, digest_password, fits, is_alarming, judge, new_password

KEY = b"key of the installation"
HEX = "0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF"


@pytest.mark.requirement("A00.FR.205", "A00.FR.304", "A01.FR.06", "A01.FR.07")
def test_a_generated_password_suits_every_version() -> None:
    password = new_password()
    assert len(password) == 40
    assert len(bytes.fromhex(password)) == 20
    assert new_password() != password


@pytest.mark.parametrize(
    "given", [HEX.encode(), HEX.lower().encode(), bytes.fromhex(HEX)], ids=["digits", "digits of other case", "raw bytes of 1.6"]
)
def test_the_same_key_in_every_spelling(given: bytes) -> None:
    assert fits(digest_password(HEX, KEY), given, KEY)


@pytest.mark.parametrize("given", [b"", HEX[:-1].encode(), HEX.encode() + b"0", bytes.fromhex(HEX)[:-1], b"\xff" * 20])
def test_another_key_does_not_fit(given: bytes) -> None:
    assert not fits(digest_password(HEX, KEY), given, KEY)


def test_text_of_2_x_is_compared_as_it_is() -> None:
    stored = digest_password("Pässwörd-with-Umlauts", KEY)
    assert stored.raw_digest is None
    assert fits(stored, "Pässwörd-with-Umlauts".encode(), KEY)
    assert not fits(stored, b"password-with-umlauts", KEY)


@pytest.mark.requirement("A01.FR.08")
def test_a_copied_database_is_worth_nothing_without_the_key() -> None:
    assert not fits(digest_password(HEX, KEY), HEX.encode(), b"another key")
    assert digest_password(HEX, KEY) != digest_password(HEX, KEY)  # salted


@pytest.mark.requirement("A00.FR.002", "A00.FR.204", "A00.FR.207")
@pytest.mark.parametrize(
    ("profile", "has_password", "user", "password", "secured", "admitted"),
    [
        (None, False, None, "", False, True),
        (0, False, None, "", False, True),
        (0, False, "OTHER", "x", False, False),
        (1, False, "CS", "x", False, False),
        (None, True, "CS", HEX, False, True),
        (0, True, None, "", False, False),
        (1, True, "cs", HEX, False, True),
        (1, True, "CS-2", HEX, False, False),
        (2, True, "CS", HEX, False, False),
        (2, True, "CS", HEX, True, True),
    ],
)
def test_who_may_come_in(profile: int | None, has_password: bool, user: str | None, password: str, secured: bool, admitted: bool) -> None:
    stored = Passwords(digest_password(HEX, KEY) if has_password else None)
    given = None if user is None else Credentials(user, password.encode())
    verdict = judge("CS", profile, stored, given, secured=secured, key=KEY)
    assert verdict.admitted is admitted
    assert admitted or verdict.reason


def test_daily_business_is_no_alarm() -> None:
    assert is_alarming("TamperDetectionActivated")
    assert not is_alarming("StartupOfTheDevice")
    assert not is_alarming("SomethingOfAVendor")
