"""The identity in the URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.links import identity


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/CS1", "CS1"),
        ("/ocpp/CS1", "CS1"),
        ("/any/path/before/CS1", "CS1"),
        ("/ocpp/RDAM%20123", "RDAM 123"),
        ("/ocpp/RDAM%7C123", "RDAM|123"),
        ("/ocpp/a%2Fb", "a/b"),
        ("/ocpp/a+b", "a+b"),
        ("/ocpp/a%2Bb", "a+b"),
        ("/ocpp/a%252Fb", "a%2Fb"),
        ("/ocpp/%C3%A4", "ä"),
        ("/ocpp/CS1?token=a/b", "CS1"),
        ("/" + "x" * 255, "x" * 255),
    ],
)
def test_the_last_segment_is_decoded_once(path: str, expected: str) -> None:
    assert identity.read(path) == expected


@pytest.mark.parametrize(
    "path", ["", "/", "/ocpp/", "/ocpp/?CS1", "/ocpp/%", "/ocpp/%2", "/ocpp/%zz", "/ocpp/%00", "/ocpp/%FF", "/" + "x" * 256]
)
def test_what_is_no_identity_is_refused(path: str) -> None:
    with pytest.raises(identity.BadIdentity):
        identity.read(path)


def test_the_url_is_endpoint_slash_identity() -> None:
    assert identity.url("ws://host:9000/ocpp/", "RDAM|1 2/ü") == "ws://host:9000/ocpp/RDAM%7C1%202%2F%C3%BC"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=255))
def test_every_identity_survives_its_url(name: str) -> None:
    assert identity.read(identity.url("/ocpp", name)) == name


@given(st.text())
def test_only_bad_identity_comes_out(path: str) -> None:
    try:
        identity.read(path)
    except identity.BadIdentity:
        pass
