"""Where systems fail under load and faults: storms, dead sockets, replays, repeated ids, a full disk, hostile input, many stations."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import msgspec
import pytest
import websockets

from tests.scenarios.foreign import eventually, register
from tests.scenarios.plug.wire import BOOT, BOOT_16, PATIENCE, Wire, at, event, open_wire, reading, reading_16, wired
from voltgate.csms.app import Csms
from voltgate.csms.settings import Settings
from voltgate.csms.stations import register_station
from voltgate.infrastructure.database import StoreFailed, Work
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp.messages import Version
from voltgate.station.app import StationProgram
from voltgate.station.operations import Operations
from voltgate.station.outbox import Change
from voltgate.station.settings import StationSpec
from voltgate.station.store import MemoryStore

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Everybody is let in, so that a story needs no preparation."""
    authorization = msgspec.structs.replace(settings.authorization, unknown_tokens="accept", concurrent_transactions="accept")
    ocpp = msgspec.structs.replace(settings.ocpp, unknown_stations="accept")
    return msgspec.structs.replace(settings, ocpp=ocpp, authorization=authorization)


async def transaction(api: httpx.AsyncClient, station_id: str, transaction_id: str) -> dict[str, Any]:
    answer = await api.get(f"/transactions/{station_id}/{transaction_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def values(api: httpx.AsyncClient, station_id: str, transaction_id: str) -> list[dict[str, Any]]:
    page = (await api.get(f"/transactions/{station_id}/{transaction_id}/meter-values", params={"limit": 500})).json()
    assert page["next_cursor"] is None
    return list(page["items"])


async def events(api: httpx.AsyncClient, station_id: str, transaction_id: str) -> list[dict[str, Any]]:
    return list((await api.get(f"/transactions/{station_id}/{transaction_id}/events")).json())


# ---- storms


@pytest.mark.requirement("B01", "B04", "E01")
async def test_three_hundred_stations_come_back_and_start_in_the_same_second(csms: Csms, api: httpx.AsyncClient) -> None:
    """Each with its password, as a new installation wants it."""
    count = 300
    names = [f"STORM-{number:03}" for number in range(count)]
    passwords = dict(zip(names, [await register(api, name) for name in names], strict=True))

    async def arrive(name: str) -> Wire:
        return await open_wire(csms.ocpp_url, name, _version(name), passwords[name])

    wires = await asyncio.gather(*(arrive(name) for name in names))
    assert await asyncio.gather(*(wire.boot(_version(name)) for name, wire in zip(names, wires, strict=True))) == ["Accepted"] * count
    for wire in wires:
        wire.socket.transport.abort()
        await wire.close()

    async def come_back(name: str) -> str:
        wire = await arrive(name)
        try:
            return await _start_and_measure(wire, name)
        finally:
            await wire.close()

    async with asyncio.timeout(60):
        numbers = await asyncio.gather(*(come_back(name) for name in names))
    stored = await _open_transactions(api)
    assert {(one["station_id"], one["transaction_id"]) for one in stored} == set(zip(names, numbers, strict=True))
    assert {(one["energy_wh"], tuple(one["doubts"])) for one in stored} == {(0.5, ())}


async def test_a_new_station_that_connects_twenty_times_at_once_is_one_station(csms: Csms, api: httpx.AsyncClient) -> None:
    wires = await asyncio.gather(*(open_wire(csms.ocpp_url, "CS-1") for _ in range(20)))

    async def live(wire: Wire) -> bool:
        with suppress(OSError, websockets.WebSocketException):
            return await wire.boot() == "Accepted" and (await wire.ask("Heartbeat", {}))[0] == 3
        return False

    assert any(await asyncio.gather(*(live(wire) for wire in wires)))
    assert [station["id"] for station in (await api.get("/stations")).json()["items"]] == ["CS-1"]
    await eventually(lambda: _connected(api, True), PATIENCE)
    answer = await api.post("/stations/CS-1/calls/ClearCache", json={})
    assert answer.status_code == 200, answer.text
    for wire in wires:
        await wire.close()


async def test_a_station_that_shouts_and_never_listens_slows_nobody(csms: Csms, api: httpx.AsyncClient) -> None:
    deaf = await websockets.connect(f"{csms.ocpp_url}/DEAF", subprotocols=[websockets.Subprotocol("ocpp2.0.1")], compression=None)
    await deaf.send(json.dumps([2, "boot", "BootNotification", BOOT]))
    await deaf.recv()
    deaf.transport.pause_reading()

    async def shout() -> None:
        with suppress(websockets.ConnectionClosed):
            for number in range(20_000):
                frame = {"vendorId": "shout", "data": "x" * 500}
                await deaf.send(json.dumps([2, f"d{number}", "DataTransfer", frame]))

    shouting = asyncio.create_task(shout())
    async with wired(csms.ocpp_url, "GOOD") as wire:
        await wire.boot()
        waits = []
        for number in range(100):
            begun = asyncio.get_running_loop().time()
            assert (await wire.ask("TransactionEvent", event("Updated" if number else "Started", number, number, "T-1", number)))[0] == 3
            waits.append(asyncio.get_running_loop().time() - begun)
    assert sorted(waits)[95] < 2  # a mean of milliseconds, and generous to a busy machine
    assert (await transaction(api, "GOOD", "T-1"))["energy_wh"] == 99
    shouting.cancel()
    deaf.transport.abort()
    await eventually(lambda: _connected(api, False, "DEAF"), PATIENCE)


def _version(name: str) -> Version:
    return VERSIONS[int(name[-3:]) % 3]


async def _start_and_measure(wire: Wire, name: str) -> str:
    """A session up to its first value; the id of the transaction."""
    if _version(name) == "1.6":
        start = {"connectorId": 1, "idTag": "CAFE01", "meterStart": 100, "timestamp": at(0)}
        number = (await wire.ask("StartTransaction", start))[2]["transactionId"]
        told = {"connectorId": 1, "transactionId": number, "meterValue": [reading_16(60, 100.5)]}
        assert (await wire.ask("MeterValues", told))[0] == 3
        return str(number)
    for told in (event("Started", 0, 0, f"T-{name}", 100), event("Updated", 1, 60, f"T-{name}", 100.5)):
        answer = await wire.ask("TransactionEvent", told)
        assert answer[0] == 3, answer
    return f"T-{name}"


async def _open_transactions(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (await api.get("/transactions", params={"open": True, "limit": 200} | ({"cursor": cursor} if cursor else {}))).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


# ---- sockets


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_half_open_socket_ends_late_and_the_new_one_stays(version: Version, csms: Csms, api: httpx.AsyncClient) -> None:
    old = await open_wire(csms.ocpp_url, "CS-1", version)
    assert await old.boot(version) == "Accepted"
    old.socket.transport.pause_reading()  # the network is gone: it will never hear that it was closed
    async with wired(csms.ocpp_url, "CS-1", version) as new:
        assert (await new.ask("Heartbeat", {}))[0] == 3
        old.socket.transport.abort()  # now its end arrives
        await asyncio.sleep(0.2)
        assert (await api.get("/stations/CS-1")).json()["connected"] is True
        answer = await api.post("/stations/CS-1/calls/ClearCache", json={})
        assert (answer.status_code, answer.json()["status"]) == (200, "Accepted")
        assert [frame[2] for frame in new.asked if frame[2] == "ClearCache"] == ["ClearCache"]
        told = (await api.get("/stations/CS-1/messages", params={"action": "ClearCache"})).json()["items"]
        assert {message["kind"] for message in told} == {"CALL", "CALLRESULT"}
    await eventually(lambda: _connected(api, False), PATIENCE)
    await old.close()


async def _connected(api: httpx.AsyncClient, wanted: bool, station_id: str = "CS-1") -> bool:
    return (await api.get(f"/stations/{station_id}")).json()["connected"] is wanted


# ---- replays


@pytest.mark.requirement("E12.FR.01", "E04")
@pytest.mark.parametrize("count", [30, 150])
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_session_replayed_at_once_is_whole(version: Version, count: int, csms: Csms, api: httpx.AsyncClient) -> None:
    story = [event("Started", 0, 0, "T-1", 1000.001, offline=True)]
    story += [event("Updated", number, 60 * number, "T-1", 1000.001 + number, offline=True) for number in range(1, count + 1)]
    last = event("Ended", count + 1, 60 * count + 30, "T-1", offline=True)
    last["transactionInfo"] |= {"stoppedReason": "EVDisconnected"}
    # Only the last message knows these.
    last["meterValue"] = [reading(60 * count + 10, 9000.5), reading(60 * count + 30, 9000.503, "Transaction.End")]
    async with wired(csms.ocpp_url, "CS-1", version) as wire:
        await wire.boot(version)
        answers = await wire.pipeline([("TransactionEvent", told) for told in [*story, last]])
    assert [answer[0] for answer in answers] == [3] * (count + 2)
    told = await transaction(api, "CS-1", "T-1")
    assert (told["open"], told["energy_wh"], told["stopped_reason"], told["offline"]) == (False, 8000.502, "EVDisconnected", True)
    assert told["doubts"] == []
    assert len(await values(api, "CS-1", "T-1")) == count + 3
    assert [one["seq_no"] for one in await events(api, "CS-1", "T-1")] == list(range(count + 2))


@pytest.mark.action("1.6:StartTransaction", "1.6:MeterValues", "1.6:StopTransaction")
@pytest.mark.parametrize("count", [30, 150])
async def test_a_session_of_1_6_replayed_at_once_is_whole(count: int, csms: Csms, api: httpx.AsyncClient) -> None:
    async with wired(csms.ocpp_url, "CS-1", "1.6") as wire:
        await wire.boot("1.6")
        start = {"connectorId": 1, "idTag": "CAFE01", "meterStart": 1000, "timestamp": at(0)}
        number = (await wire.ask("StartTransaction", start))[2]["transactionId"]
        story: list[tuple[str, Any]] = [
            ("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [reading_16(60 * place, 1000 + place)]})
            for place in range(1, count + 1)
        ]
        last = [reading_16(60 * count + 10, 9000.5), reading_16(60 * count + 30, 9000.503, "Transaction.End")]
        stop = {"transactionId": number, "meterStop": 9001, "timestamp": at(60 * count + 30), "reason": "EVDisconnected"}
        answers = await wire.pipeline([*story, ("StopTransaction", stop | {"transactionData": last, "idTag": "CAFE01"})])
    assert [answer[0] for answer in answers] == [3] * (count + 1)
    told = await transaction(api, "CS-1", str(number))
    assert (told["open"], told["energy_wh"], told["stopped_reason"]) == (False, 8000.503, "EVDisconnected")
    assert told["doubts"] == []
    assert len(await values(api, "CS-1", str(number))) == count + 3  # with meterStart


# ---- ids and repetitions


async def test_ids_that_begin_again_get_answers_of_their_own(csms: Csms, api: httpx.AsyncClient) -> None:
    status = {"timestamp": at(0), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    async with wired(csms.ocpp_url, "CS-1") as wire:
        await wire.ask("BootNotification", BOOT, "1")
        assert (await wire.ask("StatusNotification", status, "2"))[2] == {}
        assert "idTokenInfo" in (await wire.ask("Authorize", {"idToken": {"idToken": "CAFE01", "type": "ISO14443"}}, "3"))[2]
    async with wired(csms.ocpp_url, "CS-1") as wire:  # it comes back without a boot, and counts from 1
        assert "currentTime" in (await wire.ask("Heartbeat", {}, "1"))[2]
        assert "idTokenInfo" in (await wire.ask("TransactionEvent", event("Started", 0, 0, "T-1", 5), "2"))[2]
        assert (await wire.ask("StatusNotification", status, "3"))[2] == {}
        other = event("Updated", 1, 60, "T-1", 6)
        assert (await wire.ask("TransactionEvent", other, "2"))[2] == {}  # the same id on the same connection, other content
    async with wired(csms.ocpp_url, "CS-1") as wire:
        await wire.ask("BootNotification", BOOT, "1")
        assert "idTokenInfo" in (await wire.ask("TransactionEvent", event("Started", 0, 600, "T-2", 6), "2"))[2]
    assert len(await events(api, "CS-1", "T-1")) == 2
    assert (await transaction(api, "CS-1", "T-2"))["open"] is True


@pytest.mark.requirement("E12.FR.01", "E04.FR.01")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_what_comes_late_or_again_changes_nothing(version: Version, csms: Csms, api: httpx.AsyncClient) -> None:
    started, ended = event("Started", 0, 0, "T-1", 100), event("Ended", 3, 180, "T-1", 400)
    first, late = event("Updated", 1, 60, "T-1", 200), event("Updated", 2, 120, "T-1", 300)
    async with wired(csms.ocpp_url, "CS-1", version) as wire:
        await wire.boot(version)
        await wire.pipeline([("TransactionEvent", told) for told in (started, first, ended)])
        before = await transaction(api, "CS-1", "T-1")
        assert (await wire.ask("TransactionEvent", late))[0] == 3
        for told in (ended, late, first, started):  # again, each with a new id, as after a lost answer
            assert (await wire.ask("TransactionEvent", told | {"offline": True}))[0] == 3
    after = await transaction(api, "CS-1", "T-1")
    assert (after["open"], after["ended_at"], after["energy_wh"]) == (False, before["ended_at"], 300.0)
    assert after["doubts"] == []
    assert [one["seq_no"] for one in await events(api, "CS-1", "T-1")] == [0, 1, 2, 3]
    assert len(await values(api, "CS-1", "T-1")) == 4


@pytest.mark.action("1.6:StartTransaction", "1.6:MeterValues", "1.6:StopTransaction")
async def test_what_comes_late_or_again_changes_nothing_in_1_6(csms: Csms, api: httpx.AsyncClient) -> None:
    start = {"connectorId": 1, "idTag": "CAFE01", "meterStart": 100, "timestamp": at(0)}
    async with wired(csms.ocpp_url, "CS-1", "1.6") as wire:
        await wire.boot("1.6")
        number = (await wire.ask("StartTransaction", start))[2]["transactionId"]
        first = {"connectorId": 1, "transactionId": number, "meterValue": [reading_16(60, 200)]}
        late = {"connectorId": 1, "transactionId": number, "meterValue": [reading_16(120, 300)]}
        stop = {"transactionId": number, "meterStop": 400, "timestamp": at(180)}
        await wire.pipeline([("MeterValues", first), ("StopTransaction", stop)])
        before = await transaction(api, "CS-1", str(number))
        repeated = [("MeterValues", late), ("StopTransaction", stop), ("MeterValues", first), ("MeterValues", late)]
        assert [answer[0] for answer in await wire.pipeline(repeated)] == [3] * 4
        assert (await wire.ask("StartTransaction", start))[2]["transactionId"] == number
    after = await transaction(api, "CS-1", str(number))
    assert (after["open"], after["ended_at"], after["energy_wh"]) == (False, before["ended_at"], 300.0)
    assert after["doubts"] == []
    assert [one["type"] for one in await events(api, "CS-1", str(number))] == ["Started", "Updated", "Updated", "Ended"]
    assert len(await values(api, "CS-1", str(number))) == 4


# ---- the disk


@contextmanager
def full_disk(csms: Csms) -> Iterator[None]:
    """SQLite cannot grow its file any more, and says so as on a full disk."""
    database = csms.context.database
    assert isinstance(database, SqliteDatabase)
    writer = database._connections[0]
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count={pages}")
    try:
        yield
    finally:
        writer.execute("PRAGMA max_page_count=1073741823")


def _session_start(version: Version) -> tuple[str, dict[str, Any]]:
    if version == "1.6":
        return "StartTransaction", {"connectorId": 1, "idTag": "CAFE01", "meterStart": 100, "timestamp": at(0)}
    return "TransactionEvent", event("Started", 0, 0, "T-1", 100)


def log_lines_of(log_lines: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    return [line for line in log_lines if line["log_level"] == "error" and line.get("action") == action]


@pytest.mark.requirement("E13.FR.02")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_full_disk_acknowledges_nothing_and_heals(
    version: Version, csms: Csms, api: httpx.AsyncClient, log_lines: list[dict[str, Any]]
) -> None:
    action, start = _session_start(version)
    big = {"vendorId": "filler", "data": "x" * 60_000}  # more than what is free in the pages there are
    async with wired(csms.ocpp_url, "CS-1", version) as wire:
        await wire.boot(version)
        with full_disk(csms):
            assert (await wire.ask("DataTransfer", big))[2] == "InternalError"
            heartbeats = 0
            while (await wire.ask("Heartbeat", {}))[0] == 3:  # until the last page is full
                heartbeats += 1
                assert heartbeats < 200
            answer = await wire.ask(action, start)
            assert (answer[0], answer[2]) == (4, "InternalError")
            assert (await api.get("/transactions")).json()["items"] == []
        answer = await wire.ask(action, start)
        assert answer[0] == 3
        transaction_id = str(answer[2].get("transactionId", "T-1"))
    assert len(await events(api, "CS-1", transaction_id)) == 1
    assert "not stored" in [line["event"] for line in log_lines if line["log_level"] == "error"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_answer_waits_for_the_commit(
    version: Version, csms: Csms, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = csms.context.database
    commit, going_on, waiting = database.commit, asyncio.Event(), asyncio.Event()

    async def hesitate(work: Work) -> None:
        waiting.set()
        await going_on.wait()
        await commit(work)

    action, start = _session_start(version)
    async with wired(csms.ocpp_url, "CS-1", version) as wire:
        await wire.boot(version)
        monkeypatch.setattr(database, "commit", hesitate)
        answer = wire.say(action, start)
        await waiting.wait()
        await asyncio.sleep(0.2)
        assert not answer.done()
        going_on.set()
        assert (await asyncio.wait_for(answer, PATIENCE))[0] == 3


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_database_that_refuses_leaves_no_trace(
    version: Version, at_once: bool, csms: Csms, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what the dialect remembers is taken back: the same start is a new one afterwards."""
    database = csms.context.database

    def refuse(work: Work) -> Any:
        if at_once:
            raise StoreFailed("no")
        failed = asyncio.get_running_loop().create_future()
        failed.set_exception(StoreFailed("no"))
        return failed

    action, start = _session_start(version)
    async with wired(csms.ocpp_url, "CS-1", version) as wire:
        await wire.boot(version)
        with monkeypatch.context() as broken:
            broken.setattr(database, "commit", refuse)
            answers = [await wire.ask(action, start) for _ in range(2)]
            assert [(answer[0], answer[2]) for answer in answers] == [(4, "InternalError")] * 2
        answer = await wire.ask(action, start)
        assert answer[0] == 3
        transaction_id = str(answer[2].get("transactionId", "T-1"))
    assert [one["type"] for one in await events(api, "CS-1", transaction_id)] == ["Started"]
    assert len((await api.get("/transactions")).json()["items"]) == 1


# ---- hostile input


@pytest.fixture
async def bystander(csms: Csms, api: httpx.AsyncClient) -> AsyncIterator[None]:
    """Another station, whose session is whole whatever the hostile one does."""
    async with wired(csms.ocpp_url, "GOOD", "2.1") as wire:
        await wire.boot("2.1")
        await wire.ask("TransactionEvent", event("Started", 0, 0, "T-1", 100))
        yield
        await wire.pipeline(
            [("TransactionEvent", event("Updated", 1, 60, "T-1", 200)), ("TransactionEvent", event("Ended", 2, 90, "T-1", 300))]
        )
    told = await transaction(api, "GOOD", "T-1")
    assert (told["open"], told["energy_wh"], told["doubts"]) == (False, 200.0, [])


@pytest.mark.parametrize(("identity", "status"), [("x" * 300, 400), ("x" * 49, 404), ("%FF%FE", 400), ("", 404), ("x" * 20_000, None)])
async def test_an_impossible_identity_is_refused(identity: str, status: int | None, csms: Csms, bystander: None) -> None:
    with pytest.raises((websockets.InvalidStatus, websockets.InvalidMessage, websockets.ConnectionClosed)) as refused:
        await open_wire(csms.ocpp_url, identity)
    if isinstance(refused.value, websockets.InvalidStatus):
        assert refused.value.response.status_code in ({status} if status else {400, 404, 414, 431})


async def test_a_frame_of_twenty_megabytes_ends_only_its_own_connection(csms: Csms, bystander: None) -> None:
    wire = await open_wire(csms.ocpp_url, "BAD")
    await wire.boot()
    with suppress(websockets.ConnectionClosed, ConnectionError):
        await wire.socket.send('[2,"big","DataTransfer",{"vendorId":"v","data":"' + "x" * 20_000_000 + '"}]')
    await asyncio.wait_for(wire.socket.wait_closed(), PATIENCE)
    assert wire.socket.close_code == 1009
    await wire.close()
    async with wired(csms.ocpp_url, "BAD") as wire:
        assert (await wire.ask("Heartbeat", {}))[0] == 3


async def test_a_subprotocol_nobody_speaks_is_closed_without_one(csms: Csms, bystander: None) -> None:
    # Under the name of a station that is connected, which must not notice.
    async with websockets.connect(f"{csms.ocpp_url}/GOOD", subprotocols=[websockets.Subprotocol("ocpp9.9")]) as socket:
        assert socket.subprotocol is None
        await asyncio.wait_for(socket.wait_closed(), PATIENCE)
        assert socket.close_code == 1002


async def test_broken_json_is_answered_and_the_connection_lives(csms: Csms, bystander: None) -> None:
    async with wired(csms.ocpp_url, "BAD") as wire:
        await wire.boot()
        for number, broken in enumerate(("{", '[2,"x","Heartbeat",{}', "\x00", "[" * 100_000)):
            await wire.socket.send(broken)
            assert (await wire.ask("Heartbeat", {}, f"after-{number}"))[0] == 3


# ---- people and money


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_first_session_of_a_new_person_just_works(version: Version, settings: Settings) -> None:
    """With the settings of a new installation: stations and tokens must be known, and nothing else is needed."""
    fresh = Settings(data=settings.data, ocpp=msgspec.structs.replace(settings.ocpp, unknown_stations="refuse"), http=settings.http)
    async with Csms(fresh) as csms:
        headers = {"authorization": f"Bearer {csms.admin_key}"}
        async with httpx.AsyncClient(base_url=f"{csms.http_url}/api/v1", headers=headers) as api:
            password = await register(api, "CS-1")
            assert (await api.post("/tokens", json={"id_token": "CAFE01"})).status_code == 201
            async with wired(csms.ocpp_url, "CS-1", version, password) as wire:
                await wire.boot(version)
                transaction_id = await _first_session(wire, version)
            told = await transaction(api, "CS-1", transaction_id)
            assert (told["token_status"], told["open"], told["energy_wh"]) == ("Accepted", False, 12_345.0)
            assert told["doubts"] == []
            assert (await api.get("/alarms")).json()["items"] == []


async def _first_session(wire: Wire, version: Version) -> str:
    if version == "1.6":
        assert (await wire.ask("Authorize", {"idTag": "CAFE01"}))[2]["idTagInfo"]["status"] == "Accepted"
        start = {"connectorId": 1, "idTag": "CAFE01", "meterStart": 0, "timestamp": at(0)}
        answer = (await wire.ask("StartTransaction", start))[2]
        assert answer["idTagInfo"]["status"] == "Accepted"
        stop = {"transactionId": answer["transactionId"], "meterStop": 12_345, "timestamp": at(3600), "idTag": "CAFE01"}
        assert (await wire.ask("StopTransaction", stop))[2]["idTagInfo"]["status"] == "Accepted"
        return str(answer["transactionId"])
    token = {"idToken": "CAFE01", "type": "ISO14443"}
    assert (await wire.ask("Authorize", {"idToken": token}))[2]["idTokenInfo"]["status"] == "Accepted"
    for told in (event("Started", 0, 0, "T-1", 0), event("Ended", 1, 3600, "T-1", 12_345, idToken=token)):
        answer = (await wire.ask("TransactionEvent", told))[2]
        assert answer["idTokenInfo"]["status"] == "Accepted"
        assert "totalCost" not in answer
    return "T-1"


@pytest.mark.parametrize(
    ("begin", "end", "energy"),
    [(0.1, 0.3, 0.2), (1234567.891, 1234567.994, 0.103), (9007199.254, 9007199.741, 0.487), (4.35, 104.45, 100.1), (0.001, 0.002, 0.001)],
)
async def test_energy_is_exact(begin: float, end: float, energy: float, csms: Csms, api: httpx.AsyncClient) -> None:
    async with wired(csms.ocpp_url, "CS-1", "2.1") as wire:
        await wire.boot("2.1")
        await wire.pipeline(
            [("TransactionEvent", event("Started", 0, 0, "T-1", begin)), ("TransactionEvent", event("Ended", 1, 9, "T-1", end))]
        )
    async with wired(csms.ocpp_url, "CS-2", "1.6") as wire:
        await wire.boot("1.6")
        start = {"connectorId": 1, "idTag": "CAFE01", "meterStart": round(begin), "timestamp": at(0)}
        number = (await wire.ask("StartTransaction", start))[2]["transactionId"]
        data = [reading_16(0, begin, "Transaction.Begin"), reading_16(9, end, "Transaction.End")]
        stop = {"transactionId": number, "meterStop": round(end), "timestamp": at(9), "transactionData": data}
        await wire.ask("StopTransaction", stop)
    assert (await transaction(api, "CS-1", "T-1"))["energy_wh"] == energy
    told = await transaction(api, "CS-2", str(number))
    # 1.6 rounds to whole Wh; a register that happens to be whole cannot be told from a rounded one.
    assert told["energy_wh"] == energy
    assert told["doubts"] == []


# ---- many stations


class Cost(msgspec.Struct):
    """What the database did: statements, and steps of its machine in tens."""

    statements: list[str] = []
    steps: int = 0


@contextmanager
def traced(csms: Csms) -> Iterator[Cost]:
    """Count what the connections on the path of a message do: the writer and the reader of the loop."""
    database = csms.context.database
    assert isinstance(database, SqliteDatabase)
    work, connections = Cost(), database._connections[:2]

    def step() -> None:
        work.steps += 1

    def note(sql: str) -> None:
        # How messages are gathered into commits, and who reads the log afterwards, is a matter of the moment.
        if not sql.startswith(("BEGIN", "COMMIT")) and "outbox_cursors" not in sql:
            work.statements.append(sql.split("(", maxsplit=1)[0].split("=", maxsplit=1)[0])

    _each(connections, lambda connection: (connection.set_trace_callback(note), connection.set_progress_handler(step, 10)))
    try:
        yield work
    finally:
        _each(connections, lambda connection: (connection.set_trace_callback(None), connection.set_progress_handler(None, 0)))


def _each(connections: list[sqlite3.Connection], do: Callable[[sqlite3.Connection], object]) -> None:
    for connection in connections:
        do(connection)


async def _crowd(csms: Csms, first: int, last: int) -> None:
    """Register stations, each with an open transaction and a token of its own."""
    work = Work()
    for number in range(first, last):
        register_station(work, f"CROWD-{number}", 1_700_000_000_000 + number, {"vendor": "Acme", "model": "Wall"})
    await csms.context.database.commit(work)


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_cost_of_a_message_does_not_grow_with_the_number_of_stations(version: Version, settings: Settings) -> None:
    quiet = msgspec.structs.replace(settings, ocpp=msgspec.structs.replace(settings.ocpp, settle_seconds=600.0))
    async with Csms(quiet) as csms:
        few, many = await _costs(csms, version)
    assert few.statements
    assert few.steps > 0
    assert sorted(few.statements) == sorted(many.statements)
    assert many.steps <= few.steps * 1.1 + 5


async def _costs(csms: Csms, version: Version) -> list[Cost]:
    """What the same messages cost with ten stations registered, and with two thousand."""
    costs = []
    for known, name in ((10, "CS-1"), (2000, "CS-2")):
        await _crowd(csms, 0 if known == 10 else 10, known)
        async with wired(csms.ocpp_url, name, version) as wire:
            await wire.boot(version)
            await asyncio.sleep(0.3)  # what follows a connection is stored
            with traced(csms) as work:
                await _all_messages(wire, version)
            costs.append(work)
    return costs


async def _all_messages(wire: Wire, version: Version) -> None:
    if version == "1.6":
        await wire.ask("BootNotification", BOOT_16)
        await wire.ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing", "timestamp": at(0)})
        await _first_session(wire, version)
        await wire.ask("MeterValues", {"connectorId": 1, "meterValue": [reading_16(4000, 1)]})
    else:
        await wire.ask("BootNotification", BOOT)
        await wire.ask("StatusNotification", {"timestamp": at(0), "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1})
        await _first_session(wire, version)
        await wire.ask("MeterValues", {"evseId": 1, "meterValue": [reading(4000, 1)]})
    await wire.ask("Heartbeat", {})


# ---- the station's own disk


class StubbornStore(MemoryStore):
    """Refuses to keep anything while it is `full`."""

    full = False

    def commit(self, station_id: str, documents: Mapping[str, bytes], changes: Iterable[Change]) -> Awaitable[None]:
        if not self.full:
            return super().commit(station_id, documents, changes)
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        failed.set_exception(StoreFailed("no space left on device"))
        return failed


@pytest.mark.requirement("E04.FR.01", "E12.FR.01")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_whose_disk_was_full_still_tells_everything(version: Version, csms: Csms, api: httpx.AsyncClient) -> None:
    """What could not be kept is kept later, before it is told; a loss of power afterwards loses nothing."""
    store = StubbornStore()
    spec = StationSpec(id="CS-1", url=csms.ocpp_url, version=version, time_factor=300, boot_seconds=0.0)
    program = StationProgram(spec, store)
    do = Operations(program)
    await program.start()
    try:
        await _sees(program, lambda: program.station.registration == "Accepted" and not program.station.outbox.notes)
        do.plug_in(1)
        do.present_token("CAFE01", 1)
        await _sees(program, lambda: program.station.evses[0].transaction is not None and not program.station.outbox.events)
        store.full = True
        do.unplug(1)
        for _ in range(30):
            program.tick()
            await asyncio.sleep(0.01)
        assert (await api.get("/transactions")).json()["items"][0]["open"] is True  # what is not kept is not told
        store.full = False
        await _sees(program, lambda: not program.station.outbox.events)
        program.go_offline()
        await _sees(program, lambda: not program.connected)
        store.full = True
        do.plug_in(1)
        do.present_token("CAFE01", 1)  # known from before
        await asyncio.sleep(0.05)
        store.full = False
        do.unplug(1)
        await program._commit()
        register = program.station.evses[0].hardware.read().register_mwh
    finally:
        await _lose_power(program)
    program = StationProgram(spec, store)
    await program.start()
    await _sees(program, lambda: program.connected and not program.station.outbox.events)
    await program.stop()
    told = (await api.get("/transactions")).json()["items"]
    assert [(one["open"], one["doubts"]) for one in told] == [(False, [])] * 2
    assert sum(round(one["energy_wh"] * 1000) for one in told) == register


async def _sees(program: StationProgram, question: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not question():
            program.tick()
            await asyncio.sleep(0.01)


async def _lose_power(program: StationProgram) -> None:
    """Stop without keeping anything."""
    store, program._store = program._store, MemoryStore()
    await program.stop()
    program._store = store
