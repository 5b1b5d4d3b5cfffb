"""What the demonstration shows: three places, twelve stations, a few tokens; and how they get into the central system.

It is set up the way a user would do it: through the HTTP API. A second run finds what the first one stored.
"""

import secrets
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx

from voltgate.ocpp.messages import Version
from voltgate.station.hardware import PowerSpec
from voltgate.station.settings import EvseSpec, StationSpec

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
SAMPLE_SECONDS = "5"


class Place(NamedTuple):
    """A site of the demonstration, and the power of its EVSEs."""

    name: str
    address: str
    latitude: float
    longitude: float
    prefix: str
    power: PowerSpec


PLACES = (
    Place("Harbour garage", "Rotterdam", 51.917, 4.484, "RTM", PowerSpec("AC", 11_000)),
    Place("Office park", "Cologne", 50.938, 6.957, "CGN", PowerSpec("AC", 22_000)),
    Place("Motorway hub", "Brussels", 50.846, 4.352, "BRU", PowerSpec("DC", 150_000)),
)
STATIONS_PER_PLACE = 4

TOKENS = (
    ("04A1B2C3D4", "ISO14443", "Pool car 1"),
    ("04A1B2C3D5", "ISO14443", "Pool car 2"),
    ("04B7C8D9E0", "ISO14443", "Fleet card"),
    ("04C0FFEE01", "ISO14443", "Visitor card"),
    ("NL-VGT-C00000001", "eMAID", "Roaming contract"),
)


class Seat(NamedTuple):
    """One station of the demonstration: where it stands and what it speaks."""

    id: str
    name: str
    place: Place
    version: Version
    seed: int


def seats() -> Iterator[Seat]:
    """The twelve stations: four at each place, four of each version."""
    for number, place in enumerate(PLACES):
        for index in range(STATIONS_PER_PLACE):
            version = VERSIONS[(number + index) % len(VERSIONS)]
            yield Seat(f"{place.prefix}-{index + 1:02}", f"{place.name} {index + 1}", place, version, number * 10 + index)


async def furnish(http_url: str) -> dict[str, str]:
    """Create what is missing of sites, stations and tokens; the stations' passwords by id."""
    async with httpx.AsyncClient(base_url=f"{http_url}/api/v1", timeout=30) as api:
        sites = {site["name"]: site["id"] for site in (await _get(api, "/sites"))["items"]}
        for place in PLACES:
            if place.name not in sites:
                body = {"name": place.name, "address": place.address, "latitude": place.latitude, "longitude": place.longitude}
                sites[place.name] = (await _post(api, "/sites", body))["id"]
        for token, kind, note in TOKENS:
            await _post(
                api, "/tokens", {"id_token": token, "type": kind, "status": "Accepted", "note": note, "concurrent_transactions": "accept"}
            )
        return {seat.id: await _register(api, seat, sites[seat.place.name]) for seat in seats()}


async def _register(api: httpx.AsyncClient, seat: Seat, site: str) -> str:
    """The station is registered, with a fresh password; which is returned."""
    password = secrets.token_hex(16)
    about = {"name": seat.name, "site": site, "password": password}
    answer = await api.patch(f"/stations/{seat.id}", json=about)
    if answer.status_code == httpx.codes.NOT_FOUND:
        await _post(api, "/stations", {"id": seat.id, **about})
    else:
        answer.raise_for_status()
    return password


async def _get(api: httpx.AsyncClient, path: str) -> Any:
    return (await api.get(path)).raise_for_status().json()


async def _post(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    """What was created; what is there already is left as it is."""
    answer = await api.post(path, json=body)
    if answer.status_code == httpx.codes.CONFLICT:
        return None
    return answer.raise_for_status().json()


def specs(ocpp_url: str, passwords: dict[str, str]) -> list[StationSpec]:
    """The stations as the fleet runs them."""
    return [
        StationSpec(
            id=seat.id,
            url=ocpp_url,
            version=seat.version,
            password=passwords[seat.id],
            evses=(EvseSpec(seat.place.power), EvseSpec(seat.place.power)),
            serial_number=f"VG-{seat.seed:04}",
            model=f"VG-{seat.place.power.kind}",
            seed=seat.seed,
            variables={"SampledDataCtrlr.TxUpdatedInterval": SAMPLE_SECONDS},
        )
        for seat in seats()
    ]
