"""Drivers of a fleet and the vehicles they bring."""

from collections.abc import AsyncIterator

import pytest

from voltgate.infrastructure.clock import ManualClock
from voltgate.ocpp import v21
from voltgate.station.evses import Evse
from voltgate.station.evses.model import Authorisation
from voltgate.station.fleet import CALLED_SECONDS, Fleet
from voltgate.station.settings import StationSpec

TOKEN = v21.IdTokenType(idToken="A", type="Central")


@pytest.fixture
async def fleet(clock: ManualClock) -> AsyncIterator[Fleet]:
    """One station that reaches nobody; its drivers come so rarely that only those who are called come."""
    fleet = Fleet([StationSpec(id="CS-1", url="ws://127.0.0.1:1/ocpp")], arrivals_per_hour=1e-9, clock=clock)
    await fleet.start()
    yield fleet
    await fleet.stop(end_transactions=False)


def look(fleet: Fleet) -> Evse:
    """Let the drivers look at the station; returns its first EVSE."""
    fleet._call_drivers(0, fleet.programs[0])
    fleet._move_drivers()
    return fleet.programs[0].station.evses[0]


async def test_a_remote_start_brings_a_driver_after_a_while(fleet: Fleet, clock: ManualClock) -> None:
    look(fleet).authorisation = Authorisation(TOKEN, remote_start_id=7)
    assert not look(fleet).plugged
    clock.advance(CALLED_SECONDS - 1)
    assert not look(fleet).plugged
    clock.advance(2)
    assert look(fleet).plugged


async def test_who_showed_a_token_at_the_station_plugs_in_without_being_called(fleet: Fleet, clock: ManualClock) -> None:
    look(fleet).authorisation = Authorisation(TOKEN)
    look(fleet)
    clock.advance(10 * CALLED_SECONDS)
    assert not look(fleet).plugged


async def test_a_driver_leaves_with_no_other_vehicle_than_the_own(fleet: Fleet, clock: ManualClock) -> None:
    look(fleet).authorisation = Authorisation(TOKEN, remote_start_id=7)
    look(fleet)
    clock.advance(2 * CALLED_SECONDS)
    assert look(fleet).plugged
    place = next(iter(fleet._visits))
    fleet._visits[place] = fleet._visits[place]._replace(token="somebody else")
    clock.advance(24 * 3600)
    assert look(fleet).plugged
