"""What operators may ask about transactions."""

from voltgate.csms.context import Context
from voltgate.csms.meter_values import message_key
from voltgate.csms.transactions.handlers import describe_facts
from voltgate.csms.transactions.model import Event, Facts, apply, is_open
from voltgate.csms.transactions.store import read_facts, write_event, write_facts
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Event as Told
from voltgate.infrastructure.database import Work
from voltgate.ocpp import v21

_ATTEMPTS = 5


async def get_transaction_status(
    context: Context, station_id: str, request: v21.GetTransactionStatusRequest
) -> v21.GetTransactionStatusResponse:
    """Ask a station whether a transaction goes on, and whether messages wait (E14). Raises as `Context.ask`."""
    return await context.ask(station_id, request)


async def close_transaction(context: Context, station_id: str, transaction_id: str, operator: str) -> bool:
    """Give up waiting for the end of an open transaction; an end that still arrives counts.

    Returns False when there is no such transaction. No-op when it has ended.
    """
    for _ in range(_ATTEMPTS):
        facts = await read_facts(context.database, station_id, transaction_id)
        if facts is None:
            return False
        if not is_open(facts):
            return True
        await _close(context, station_id, transaction_id, facts, operator)
        # An event of the station may have been written over it in the same moment: then once more.
    return True


async def _close(context: Context, station_id: str, transaction_id: str, facts: Facts, operator: str) -> None:
    now = to_ms(context.clock.now())
    event = Event(type="Closed", trigger="Operator", at_ms=now, received_ms=now, closed_by=operator)
    decision, work = apply(event, facts), Work()
    write_facts(work, station_id, transaction_id, decision.facts, facts, event.type)
    write_event(work, station_id, transaction_id, message_key(event), event)
    work.tell(Told("transaction.ended", now, station_id, describe_facts(transaction_id, decision.facts)))
    await context.database.commit(work)


COMMANDS = {"GetTransactionStatus": get_transaction_status}
