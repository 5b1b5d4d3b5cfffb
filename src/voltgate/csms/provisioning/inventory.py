"""The first report of a station: asked for once, and again when its firmware has changed."""

from voltgate.csms import stations
from voltgate.csms.context import Context
from voltgate.csms.provisioning.commands import request_full_inventory
from voltgate.csms.provisioning.store import last_full_report


async def request_inventory(context: Context, station_id: str) -> None:
    """Ask an accepted station for its full inventory, unless this firmware has told it, or refused to."""
    station = await stations.read_station(context.database, station_id)
    if station is None or station.registration != "Accepted" or station.vendor is None:
        return
    last = await last_full_report(context.database, station_id)
    if last is None or last["firmware_version"] != station.firmware_version:
        await request_full_inventory(context, station_id)
