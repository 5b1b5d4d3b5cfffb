import pytest

from voltgate.csms.stations.model import check_identity, fold


@pytest.mark.parametrize("identity", ["CS-1", "RDAM|123", "RDAM 123", "a", "x" * 48, "Säule 7", "a@b.c=_*+"])
def test_identities_we_take(identity: str) -> None:
    assert check_identity(identity) is None


@pytest.mark.parametrize(
    ("identity", "word"),
    [
        ("", "at least"),
        ("x" * 49, "at most"),
        ("a:b", "colon"),
        ("a/b", "slash"),
        (" a", "blanks"),
        ("a\n", "printable"),
        ("a\x00b", "printable"),
    ],
)
def test_identities_we_refuse_say_why(identity: str, word: str) -> None:
    assert word in (check_identity(identity) or "")


def test_identities_are_compared_without_regard_to_case() -> None:
    assert fold("Straße-A") == fold("STRASSE-a")
