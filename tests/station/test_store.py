from pathlib import Path

import pytest

from voltgate.station.keeping import open_store
from voltgate.station.outbox import Change
from voltgate.station.store import CannotKeep


@pytest.mark.parametrize("durable", [True, False])
async def test_a_store_keeps_documents_and_events_of_each_station(durable: bool, tmp_path: Path) -> None:
    store, close = await open_store(tmp_path if durable else None)
    assert (await store.load("A")).documents == {}
    await store.commit("A", {"memory": b"1"}, [Change(2, "T", b"two"), Change(1, "T", b"one")])
    await store.commit("B", {"memory": b"other"}, [Change(1, "U", b"other")])
    await store.commit("A", {"memory": b"2", "evse.1": b"x"}, [Change(1), Change(2, "T", b"two", 1), Change(3, "T", b"three")])
    kept = await store.load("A")
    assert kept.documents == {"memory": b"2", "evse.1": b"x"}
    assert kept.events == [(2, b"two", 1), (3, b"three", 0)]
    assert (await store.load("B")).events == [(1, b"other", 0)]
    await close()


async def test_a_file_keeps_it_over_a_restart(tmp_path: Path) -> None:
    for expected in ([], [(1, b"one", 0)]):
        store, close = await open_store(tmp_path)
        assert (await store.load("A")).events == expected
        await store.commit("A", {}, [Change(1, "T", b"one")])
        await close()


async def test_two_programs_do_not_share_a_directory(tmp_path: Path) -> None:
    _, close = await open_store(tmp_path)
    with pytest.raises(CannotKeep, match=r"stations\.db"):
        await open_store(tmp_path)
    await close()
