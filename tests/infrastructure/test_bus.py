"""The bus inside one process."""

import asyncio

import pytest

from voltgate.infrastructure.bus import LocalBus, Message


async def heard(subscription: object) -> list[str]:
    """Topics waiting in a subscription of a closed bus."""
    return [message.topic async for message in subscription]  # type: ignore[attr-defined]  # a Subscription


async def test_a_subscription_hears_its_prefixes_word_by_word(bus: LocalBus) -> None:
    some, everything = bus.subscribe("transaction", "alarm.raised"), bus.subscribe()
    topics = ["transaction", "transaction.started", "transactions.x", "alarm", "alarm.raised", "alarm.raised.high", "alarm.cleared"]
    for topic in topics:
        bus.publish(topic, None)
    await bus.close()
    assert await heard(some) == ["transaction", "transaction.started", "alarm.raised", "alarm.raised.high"]
    assert await heard(everything) == topics


async def test_overlapping_prefixes_hear_once(bus: LocalBus) -> None:
    subscription = bus.subscribe("a", "a.b", "")
    bus.publish("a.b", 1)
    await bus.close()
    assert await heard(subscription) == ["a.b"]


async def test_a_slow_listener_loses_the_oldest_and_knows_it(bus: LocalBus) -> None:
    with bus.subscribe("n", limit=2) as subscription:
        for number in range(5):
            bus.publish("n", number)
        assert [(await anext(subscription)).payload for _ in range(2)] == [3, 4]
        assert subscription.dropped == 3


async def test_waiting_ends_with_a_message_or_the_close(bus: LocalBus) -> None:
    subscription = bus.subscribe("n")
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    bus.publish("n", 1)
    assert await waiting == Message("n", 1)
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    subscription.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_a_closed_subscription_hears_no_more(bus: LocalBus) -> None:
    with bus.subscribe("n") as subscription:
        pass
    bus.publish("n", 1)
    assert await heard(subscription) == []
    subscription.close()
