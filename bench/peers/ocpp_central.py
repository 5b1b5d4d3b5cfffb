"""The peer: a central system on the PyPI package `ocpp` that answers the mixes, validates, and stores nothing."""

import asyncio
import sys
from datetime import UTC, datetime

import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call_result as result201


def now() -> str:
    """The time as OCPP writes it."""
    return datetime.now(UTC).isoformat()


class Station16(ChargePoint16):
    """What a 1.6 station may ask."""

    @on("BootNotification")
    def boot(self, **_: object) -> object:
        return result16.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self, **_: object) -> object:
        return result16.Heartbeat(current_time=now())

    @on("StatusNotification")
    def status(self, **_: object) -> object:
        return result16.StatusNotification()

    @on("MeterValues")
    def meter_values(self, **_: object) -> object:
        return result16.MeterValues()


class Station201(ChargePoint201):
    """What a 2.0.1 station may ask."""

    @on("BootNotification")
    def boot(self, **_: object) -> object:
        return result201.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("TransactionEvent")
    def transaction_event(self, **_: object) -> object:
        return result201.TransactionEvent()


async def serve(port: int) -> None:
    """Serve both versions on one port, for ever."""

    async def station(link: websockets.ServerConnection) -> None:
        kind = Station16 if link.subprotocol == "ocpp1.6" else Station201
        try:
            await kind(link.request.path, link).start()
        except websockets.ConnectionClosed:
            pass

    async with websockets.serve(station, "127.0.0.1", port, subprotocols=["ocpp2.0.1", "ocpp1.6"], compression=None, ping_interval=None):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(serve(int(sys.argv[1])))
    except ImportError:
        asyncio.run(serve(int(sys.argv[1])))
