"""Who may charge: the one table of judgements."""

from typing import Any

import pytest

from voltgate.csms.authorization import Known, Policy, Token, judge, key_of

NOW_MS = 1_000_000
CARD = Token("CARD", "ISO14443")
STRICT, OPEN = Policy(), Policy("accept", "accept")


@pytest.mark.requirement("C01.FR.07", "C02.FR.02", "C04.FR.01", "C04.FR.02", "C09.FR.10", "E05.FR.01")
@pytest.mark.parametrize(
    ("known", "kind", "policy", "elsewhere", "status"),
    [
        (Known(CARD), "ISO14443", STRICT, 0, "Accepted"),
        (Known(CARD), "Central", STRICT, 0, "Accepted"),
        (Known(None), "ISO14443", STRICT, 0, "Invalid"),
        (Known(None), "ISO14443", OPEN, 0, "Accepted"),
        (Known(None, granted=True), "Central", STRICT, 0, "Accepted"),
        (Known(None), "NoAuthorization", STRICT, 0, "Accepted"),
        (Known(CARD), "KeyCode", STRICT, 0, "Invalid"),
        (Known(Token("1234", "KeyCode")), "KeyCode", STRICT, 0, "Accepted"),
        (Known(Token("1234", "KeyCode")), "ISO14443", STRICT, 0, "Invalid"),
        (Known(Token("CARD", "ISO14443", status="Blocked")), "ISO14443", OPEN, 0, "Blocked"),
        (Known(Token("CARD", "ISO14443", status="NotAtThisLocation")), "ISO14443", OPEN, 0, "NotAtThisLocation"),
        (Known(Token("CARD", "ISO14443", status="Blocked"), granted=True), "ISO14443", OPEN, 0, "Blocked"),
        (Known(Token("CARD", "ISO14443", expires_ms=NOW_MS)), "ISO14443", STRICT, 0, "Expired"),
        (Known(Token("CARD", "ISO14443", expires_ms=NOW_MS + 1)), "ISO14443", STRICT, 0, "Accepted"),
        (Known(CARD), "ISO14443", STRICT, 1, "ConcurrentTx"),
        (Known(CARD), "ISO14443", OPEN, 1, "Accepted"),
        (Known(Token("CARD", "ISO14443", concurrent_transactions="accept")), "ISO14443", STRICT, 1, "Accepted"),
        (Known(Token("CARD", "ISO14443", concurrent_transactions="refuse")), "ISO14443", OPEN, 1, "ConcurrentTx"),
    ],
)
def test_judges(known: Known, kind: str, policy: Policy, elsewhere: int, status: Any) -> None:
    assert judge(known, kind, NOW_MS, policy, elsewhere) == status


def test_upper_and_lower_case_are_the_same() -> None:
    assert key_of(" aBc1 ") == key_of("AbC1")
