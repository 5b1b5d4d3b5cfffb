"""A station that is not ours lives with our central system, in every version."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.scenarios.foreign import CALLS, VERSIONS, boot, connected, eventually, register, status
from voltgate.csms.app import Csms


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("B01.FR.02", "B01.FR.05", "G01.FR.01", "G02.FR.02", "A00.FR.204")
@pytest.mark.action(
    "1.6:BootNotification", "2.0.1:BootNotification", "2.1:BootNotification", "1.6:Heartbeat", "2.0.1:Heartbeat", "2.1:Heartbeat"
)
async def test_it_boots_beats_and_tells_its_status(csms: Csms, api: httpx.AsyncClient, version: str) -> None:
    password = await register(api, "CS-1", name="Front door")
    async with connected(csms, "CS-1", password, version) as station:
        answer = await station.call(boot(version))
        assert (answer.status, answer.interval) == ("Accepted", 300)
        assert (await station.call(CALLS[version].Heartbeat())).current_time.endswith("Z")
        await station.call(status(version))
        shown = (await api.get("/stations/CS-1")).json()
        assert shown["connected"] is True
        assert shown["protocol"] == version
        assert (shown["vendor"], shown["model"], shown["firmware_version"]) == ("Acme", "Wall", "1.2.3")
        assert shown["registration"] == "accepted"
        evse = shown["evses"][0]
        assert (evse["evse_id"], evse["state"]) == (1, "Available")
        assert evse["connectors"][0]["status"] == "Available"

    async def offline() -> bool:
        return (await api.get("/stations/CS-1")).json()["connected"] is False

    await eventually(offline)
    assert (await api.get("/stations/CS-1")).json()["evses"][0]["state"] == "Offline"


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_frame_is_kept(csms: Csms, api: httpx.AsyncClient, version: str) -> None:
    password = await register(api, "CS-1")
    async with connected(csms, "CS-1", password, version) as station:
        await station.call(boot(version))
        await station.call(status(version))
    messages = (await api.get("/stations/CS-1/messages")).json()["items"]
    told = [(message["direction"], message["kind"], message["action"]) for message in reversed(messages)]
    for action in ("BootNotification", "StatusNotification"):
        asked = told.index(("in", "CALL", action))
        assert told[asked + 1] == ("out", "CALLRESULT", action)
    canonical = {
        message["action"]: message["canonical"] for message in messages if message["kind"] == "CALL" and message["direction"] == "in"
    }
    assert canonical["BootNotification"] is None if version == "2.1" else canonical["BootNotification"][0]["action"] == "BootNotification"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("B07.FR.01", "B07.FR.02")
async def test_a_new_station_is_asked_for_its_inventory(csms: Csms, api: httpx.AsyncClient, version: str) -> None:
    password = await register(api, "CS-1")
    async with connected(csms, "CS-1", password, version) as station:
        await station.call(boot(version))
        asked = "GetConfiguration" if version == "1.6" else "GetBaseReport"

        async def was_asked() -> Any:
            return (await api.get("/messages", params={"action": asked, "direction": "out"})).json()["items"]

        await eventually(was_asked)


@pytest.mark.requirement("B02.FR.09", "B01.FR.10")
async def test_a_station_told_to_wait_is_pending_until_an_operator_accepts(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1", next_boot="pending")
    async with connected(csms, "CS-1", password, "2.0.1") as station:
        answer = await station.call(boot("2.0.1"))
        assert (answer.status, answer.interval) == ("Pending", 60)
        with pytest.raises(Exception, match="SecurityError"):
            await station.call(status("2.0.1"), suppress=False)
        assert (await api.patch("/stations/CS-1", json={"next_boot": "accepted"})).status_code == 200
        assert (await station.call(boot("2.0.1"))).status == "Accepted"
        await station.call(status("2.0.1"), suppress=False)


@pytest.mark.requirement("B03.FR.03", "B03.FR.07")
async def test_a_rejected_station_is_left_alone(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1", next_boot="rejected")
    async with connected(csms, "CS-1", password, "2.1") as station:
        assert (await station.call(boot("2.1"))).status == "Rejected"
        with pytest.raises(Exception, match="SecurityError"):
            await station.call(CALLS["2.1"].Heartbeat(), suppress=False)
        answer = await api.post("/stations/CS-1/calls/Reset", json={"type": "Immediate"})
        assert answer.status_code == 422
        assert "rejected" in answer.text


async def test_an_accepted_station_that_comes_back_need_not_boot(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1")
    async with connected(csms, "CS-1", password, "1.6") as station:
        await station.call(boot("1.6"))
    async with connected(csms, "CS-1", password, "1.6") as station:
        await station.call(status("1.6"), suppress=False)


async def test_the_newer_connection_wins_and_the_old_end_changes_nothing(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1")
    async with connected(csms, "CS-1", password, "2.0.1") as old:
        await old.call(boot("2.0.1"))
        async with connected(csms, "CS-1", password, "2.0.1") as new:
            await new.call(status("2.0.1"), suppress=False)
            await asyncio.wait_for(old._connection.wait_closed(), 5)
            assert (await api.get("/stations/CS-1")).json()["connected"] is True
            await new.call(CALLS["2.0.1"].Heartbeat(), suppress=False)


@pytest.mark.parametrize("count", [60])
async def test_a_reconnect_storm_is_answered_and_stored_whole(csms: Csms, api: httpx.AsyncClient, count: int) -> None:
    passwords = {f"CS-{number}": await register(api, f"CS-{number}") for number in range(count)}

    async def live(identity: str) -> str:
        async with connected(csms, identity, passwords[identity], "2.0.1") as station:
            status_of_boot = (await station.call(boot("2.0.1"), suppress=False)).status
            await station.call(status("2.0.1"), suppress=False)
            return str(status_of_boot)

    assert await asyncio.gather(*(live(identity) for identity in passwords)) == ["Accepted"] * count
    page = (await api.get("/stations", params={"limit": 500})).json()
    assert len(page["items"]) == count
    assert all(station["evses"] and station["vendor"] == "Acme" for station in page["items"])
