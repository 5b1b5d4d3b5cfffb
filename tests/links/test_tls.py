"""TLS contexts: versions, suites, who shows a certificate."""

import ssl

import pytest

from voltgate.links.tls import REQUIRED_SUITES, client_context, server_context


@pytest.mark.requirement("A00.FR.318", "A00.FR.421", "A00.FR.319", "A00.FR.422")
@pytest.mark.parametrize("context", [server_context(()), client_context()], ids=["server", "client"])
def test_the_four_suites_are_enabled(context: ssl.SSLContext) -> None:
    assert set(REQUIRED_SUITES) <= {suite["name"] for suite in context.get_ciphers()}


@pytest.mark.requirement("A00.FR.320", "A00.FR.423")
@pytest.mark.parametrize("context", [server_context(()), client_context()], ids=["server", "client"])
def test_no_weak_suite_is_enabled(context: ssl.SSLContext) -> None:
    names = {suite["name"] for suite in context.get_ciphers()}
    assert all("GCM" in name or "CHACHA20" in name for name in names)


@pytest.mark.requirement("A00.FR.313", "A00.FR.314", "A00.FR.321", "A00.FR.416", "A00.FR.417", "A00.FR.424")
@pytest.mark.parametrize("context", [server_context(()), client_context()], ids=["server", "client"])
def test_tls_12_is_the_least_and_nothing_is_compressed(context: ssl.SSLContext) -> None:
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_COMPRESSION


@pytest.mark.requirement("A00.FR.308", "A00.FR.309")
def test_a_station_verifies_the_csms() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_server_asks_for_certificates_only_in_profile_3() -> None:
    assert server_context(()).verify_mode is ssl.CERT_NONE
