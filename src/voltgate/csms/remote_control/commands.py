"""What operators may ask of a station: start and stop a transaction, unlock a connector, send a message now.

All are direct calls with an honest end: they raise as `Context.ask` does, and a station that says no is answered with its status.
"""

from msgspec.structs import replace

from voltgate.csms.authorization import NO_AUTHORIZATION, grant
from voltgate.csms.context import Context
from voltgate.csms.stations import read_connectors
from voltgate.ocpp import v21
from voltgate.ocpp.errors import OccurrenceConstraintViolation, PropertyConstraintViolation

SEQUENCE = "remote_start"
OPERATORS_TYPE = "Central"
"""What a token is when an operator types it in."""


async def start_transaction(
    context: Context, station_id: str, id_token: str, *, id_token_type: str = OPERATORS_TYPE, evse_id: int | None = None
) -> v21.RequestStartTransactionResponse:
    """Start a transaction with a token, on any EVSE of the station when none is named (F01, F02)."""
    token = v21.IdTokenType(idToken=id_token, type=id_token_type)
    number = await context.numbers.take(SEQUENCE)
    return await request_start_transaction(
        context, station_id, v21.RequestStartTransactionRequest(idToken=token, remoteStartId=number, evseId=evse_id)
    )


async def request_start_transaction(
    context: Context, station_id: str, request: v21.RequestStartTransactionRequest
) -> v21.RequestStartTransactionResponse:
    """Ask a station to start a transaction (F01.FR.04). An operator may use any token: one we do not know is accepted there for a while.

    Raises: MessageError for a charging profile that the specification forbids here.
    """
    _check_profile(request.chargingProfile)
    if request.idToken.type != NO_AUTHORIZATION:
        # Before the call: the station may ask for the token before it answers.
        await grant(context, station_id, request.idToken.idToken)
    return await context.ask(station_id, request)


async def request_stop_transaction(
    context: Context, station_id: str, request: v21.RequestStopTransactionRequest
) -> v21.RequestStopTransactionResponse:
    """Ask a station to stop a transaction (F03.FR.01, F04.FR.01), also one that we do not know."""
    return await context.ask(station_id, request)


async def unlock_connector(context: Context, station_id: str, request: v21.UnlockConnectorRequest) -> v21.UnlockConnectorResponse:
    """Ask a station to unlock a connector (F05)."""
    return await context.ask(station_id, request)


async def trigger_message(context: Context, station_id: str, request: v21.TriggerMessageRequest) -> v21.TriggerMessageResponse:
    """Ask a station to send a message now (F06.FR.01).

    Raises: MessageError for a custom trigger without its name (F06.FR.20).
    """
    if request.requestedMessage == "CustomTrigger" and request.customTrigger is None:
        raise OccurrenceConstraintViolation("a CustomTrigger needs its name - at `$.customTrigger`")
    if request.requestedMessage != "StatusNotification":
        return await context.ask(station_id, request)
    answer = v21.TriggerMessageResponse(status="Accepted")
    for place in await _places(context, station_id, request.evse):
        answer = await context.ask(station_id, replace(request, evse=place))
        if answer.status != "Accepted":
            break
    return answer


async def _places(context: Context, station_id: str, evse: v21.EVSEType | None) -> list[v21.EVSEType | None]:
    """Where statuses are asked for: connector by connector (F06.FR.13), unless the peer understands more."""
    traits = context.traits(station_id)
    if (traits is not None and traits.triggers_every_status) or (evse is not None and (evse.connectorId is not None or not evse.id)):
        return [evse]
    wanted = None if evse is None else evse.id
    known = [pair for pair in await read_connectors(context.database, station_id) if wanted in (None, pair[0])]
    return [v21.EVSEType(id=number, connectorId=connector) for number, connector in known or [(wanted or 1, 1)]]


def _check_profile(profile: v21.ChargingProfileType | None) -> None:
    if profile is None:
        return
    if profile.chargingProfilePurpose != "TxProfile":  # F01.FR.09, F02.FR.17
        raise PropertyConstraintViolation(
            "must be TxProfile when a transaction starts with it - at `$.chargingProfile.chargingProfilePurpose`"
        )
    if profile.transactionId is not None:  # F01.FR.11, F02.FR.19
        raise PropertyConstraintViolation("the transaction does not exist yet - at `$.chargingProfile.transactionId`")


COMMANDS = {
    "RequestStartTransaction": request_start_transaction,
    "RequestStopTransaction": request_stop_transaction,
    "UnlockConnector": unlock_connector,
    "TriggerMessage": trigger_message,
}
