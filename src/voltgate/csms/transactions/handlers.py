"""What stations may say about transactions: always stored, then judged, then answered."""

from msgspec.structs import replace

from voltgate.csms.authorization import Known as KnownToken
from voltgate.csms.authorization import Status, describe, judge, look_up, policy_of, refuses_concurrent
from voltgate.csms.meter_values import Sample, Summary, from_milli, read_samples, show_sample, store_samples, summarise
from voltgate.csms.session import Session
from voltgate.csms.transactions.doubts import alarming
from voltgate.csms.transactions.hearing import event_key, hear
from voltgate.csms.transactions.model import Decision, Event, Facts, apply, energy_milli, is_open, power_milli, starts_with_token
from voltgate.csms.transactions.store import count_open_elsewhere, read_known, read_open_on_evse, write_event, write_facts
from voltgate.infrastructure.clock import to_ms
from voltgate.ocpp import v21


async def handle_transaction_event(request: v21.TransactionEventRequest, session: Session) -> v21.TransactionEventResponse:
    """Store an event and answer it, whatever it says (E01 .. E12, J02.FR.19).

    A repeated event is answered again and changes nothing.
    A token gets its status in every answer (E01.FR.12, E02.FR.02, E03.FR.02, E05.FR.01).
    """
    numbered = session.traits.numbers_events
    transaction_id, key = request.transactionInfo.transactionId, event_key(request, numbered)
    known, repeated = await read_known(session.context.database, session.work, session.station_id, transaction_id, key)
    token = await _judge(request, known, session)
    samples = read_samples(request.meterValue or ())
    measured = summarise(samples)
    status = token.status if token else None
    event = hear(request, samples, measured, received_ms=to_ms(session.now), numbered=numbered, token_status=status)
    decision = apply(event, known, repeated)
    if not decision.repeated:
        decision = await _look_at_evse(decision, transaction_id, session)
        _store(decision, known, event, transaction_id, key, samples, session)
        _announce(decision, known, event, transaction_id, measured, session)
    return v21.TransactionEventResponse(idTokenInfo=token)


async def _judge(request: v21.TransactionEventRequest, known: Facts | None, session: Session) -> v21.IdTokenInfoType | None:
    """How the token of an event is answered; None when it has none."""
    presented = request.idToken
    if presented is None:
        return None
    policy = policy_of(session.context.settings.authorization)
    token = await look_up(session, presented)
    ours = _was_accepted(known, presented)
    elsewhere = 0
    if not ours and starts_with_token(request.eventType, request.triggerReason) and refuses_concurrent(token, policy):
        evse = request.evse.id if request.evse else None
        elsewhere = await count_open_elsewhere(
            session.context.database, presented.idToken, session.station_id, request.transactionInfo.transactionId, evse
        )
    if ours and token.token is None:
        token = KnownToken(None, granted=True)  # a start that an operator asked for must also be allowed to stop
    status: Status = judge(token, presented.type, to_ms(session.now), policy, elsewhere)
    return describe(status, token.token)


def _was_accepted(known: Facts | None, presented: v21.IdTokenType) -> bool:
    """Whether this token was accepted for this transaction before."""
    if known is None or known.token is None:
        return False
    text, _, status = known.token.words
    return status == "Accepted" and str(text).casefold() == presented.idToken.casefold()


async def _look_at_evse(decision: Decision, transaction_id: str, session: Session) -> Decision:
    """Two open transactions on one EVSE: the older one is superseded; no-op unless the event brought the EVSE."""
    facts = decision.facts
    if not decision.placed or not is_open(facts) or facts.evse is None:
        return decision
    evse = facts.evse.words[0]
    for other_id, other in await read_open_on_evse(session.context.database, session.station_id, int(evse or 0), transaction_id):
        if other.first_ms > facts.first_ms:
            facts = replace(facts, superseded=True)
        elif not other.superseded:
            older = replace(other, superseded=True)
            write_facts(session, session.station_id, other_id, older, other, "Superseded")
            _raise_doubts(other, older, other_id, session)
    return replace(decision, facts=facts)


def _store(
    decision: Decision, known: Facts | None, event: Event, transaction_id: str, key: int, samples: list[Sample], session: Session
) -> None:
    facts = decision.facts
    write_facts(session, session.station_id, transaction_id, facts, known, event.type)
    write_event(session, session.station_id, transaction_id, key, event)
    if samples:
        evse = event.evse_id or (facts.evse.words[0] if facts.evse else 0)
        store_samples(session, session.station_id, int(evse or 0), transaction_id, key, samples)


def _announce(decision: Decision, known: Facts | None, event: Event, transaction_id: str, measured: Summary, session: Session) -> None:
    """Tell what must be known, show what happens right now, raise an alarm for every new doubt."""
    facts = decision.facts
    if decision.started:
        session.tell("transaction.started", **describe_facts(transaction_id, facts))
    if decision.ended:
        session.tell("transaction.ended", **describe_facts(transaction_id, facts))
    elif decision.corrected:
        session.tell("transaction.corrected", **describe_facts(transaction_id, facts))
    session.show("transaction.updated", trigger=event.trigger, **describe_facts(transaction_id, facts))
    evse = facts.evse.words[0] if facts.evse else None
    show_sample(session, int(evse) if evse is not None else None, transaction_id, measured, energy_milli(facts))
    _raise_doubts(known, facts, transaction_id, session)


def _raise_doubts(before: Facts | None, after: Facts, transaction_id: str, session: Session) -> None:
    for kind, text in alarming(before, after).items():
        session.raise_alarm(f"transaction.{kind}", f"transaction {transaction_id}: {text}", transaction_id=transaction_id)


def describe_facts(transaction_id: str, facts: Facts) -> dict[str, object]:
    """A transaction as events carry it."""
    evse, connector = facts.evse.words if facts.evse else (None, None)
    token, kind, status = facts.token.words if facts.token else (None, None, None)
    return {
        "transaction_id": transaction_id,
        "evse_id": evse,
        "connector_id": connector,
        "id_token": token,
        "id_token_type": kind,
        "token_status": status,
        "open": is_open(facts),
        "charging_state": facts.state.words[0] if facts.state else None,
        "started_ms": facts.started_ms,
        "ended_ms": facts.ended_ms,
        "stopped_reason": facts.ended.words[0] if facts.ended else None,
        "energy_wh": from_milli(energy_milli(facts)),
        "power_w": from_milli(power_milli(facts)),
        "remote_start_id": facts.remote_start_id,
        "reservation_id": facts.reservation_id,
        "offline": facts.offline,
    }


HANDLERS = {"TransactionEvent": handle_transaction_event}
