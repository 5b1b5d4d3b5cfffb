"""TLS contexts of the security profiles 2 and 3: TLS 1.2 or newer, the four suites of OCPP, no compression (A00.FR.306-324, 409-424).

Python's default suites lack TLS_RSA_WITH_AES_*_GCM; and the four need an RSA and an ECDSA certificate at once.
"""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

REQUIRED_SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
)
"""A00.FR.318 and A00.FR.421, in OpenSSL's names: TLS_ECDHE_ECDSA_WITH_AES_* and TLS_RSA_WITH_AES_*."""

# Sound suites beyond the four, so that better peers get forward secrecy with RSA certificates too.
_FURTHER_SUITES = ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384")


class Chain(NamedTuple):
    """A certificate chain and its private key, PEM files; ``key`` None if the key is in the chain's file."""

    certificates: Path
    key: Path | None = None


def server_context(chains: Sequence[Chain], *, client_authorities: Path | None = None) -> ssl.SSLContext:
    """The CSMS's side; give an ECDSA and an RSA chain to serve all four suites.

    ``client_authorities`` (PEM) asks stations for certificates: profile 3 (A00.FR.407).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    _load(context, chains)
    if client_authorities is not None:
        context.load_verify_locations(client_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(*, authorities: Path | None = None, chain: Chain | None = None) -> ssl.SSLContext:
    """The station's side: verifies path and name of the CSMS (A00.FR.308, A00.FR.309); ``chain`` is its own certificate for profile 3.

    ``authorities`` None trusts the system's.
    """
    context = ssl.create_default_context(cafile=authorities)
    _harden(context)
    # OCPP names the CSMS in the commonName (A00.FR.511), which OpenSSL compares when there is no subjectAltName.
    context.hostname_checks_common_name = True
    _load(context, () if chain is None else (chain,))
    return context


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(":".join(REQUIRED_SUITES + _FURTHER_SUITES))


def _load(context: ssl.SSLContext, chains: Sequence[Chain]) -> None:
    for chain in chains:
        context.load_cert_chain(chain.certificates, chain.key)
