"""The dialect of 2.0.1: nearly a subset of 2.1, so messages are re-read as the other version's and only the differences are listed.

Widening loses nothing. The schemas of 2.1 forbid some numbers that 2.0.1's allow (a negative evseId); an optional field with such a
value travels in ``customData.ocpp201`` of its object and comes back when narrowed; a required one is refused by name.
Narrowing a request refuses (`PeerCannot`) what 2.0.1 has no field, value or room for, except the fields in `LEFT_OUT`.
Narrowing an answer leaves such optional fields out: the answer must leave, and its receiver could do nothing with them.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from voltgate.ocpp import v21
from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.dialects import Memoryless
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import InternalError, PeerCannot, PropertyConstraintViolation
from voltgate.ocpp.messages import Answer, Request
from voltgate.ocpp.traits import Traits, said_by_csms

Plain = dict[str, Any]

KEPT = "ocpp201"
VENDOR = "org.voltgate"

LEFT_OUT: Mapping[tuple[str, str], str] = {
    ("VariableMonitoringType", "eventNotificationType"): "2.0.1 reports monitors without saying whose they are",
    ("EventDataType", "severity"): "2.0.1 knows the severity from the monitor",
    ("FirmwareStatusNotificationRequest", "statusInfo"): "words for people; the status itself is told",
    ("LogStatusNotificationRequest", "statusInfo"): "words for people; the status itself is told",
    ("PublishFirmwareStatusNotificationRequest", "statusInfo"): "words for people; the status itself is told",
    ("NotifyEVChargingNeedsRequest", "timestamp"): "2.0.1 takes the time of arrival",
    ("VariableCharacteristicsType", "maxElements"): "2.0.1 knows the length of the list only from its value",
    ("CertificateSignedRequest", "requestId"): "2.0.1 has one signing request open at a time",
    ("SignCertificateRequest", "requestId"): "2.0.1 has one signing request open at a time",
}
"""Fields of requests that may be lost on the way to 2.0.1, and why that does no harm."""

FILLED_IN_201: Mapping[tuple[str, str], str] = {
    ("SignedMeterValueType", "signingMethod"): "",
    ("SignedMeterValueType", "publicKey"): "",
    ("NetworkConnectionProfileType", "ocppVersion"): "OCPP20",
}
"""Fields that only 2.0.1 requires. Empty text means "not given" there; the version is agreed in the handshake anyway."""

FILLED_IN_21: Mapping[tuple[str, str], str] = {
    ("VariableMonitoringType", "eventNotificationType"): "CustomMonitor",
}
"""Fields that only 2.1 requires. Only monitors that the CSMS set are sure to be in every 2.0.1 report."""

FromT = TypeVar("FromT", bound=msgspec.Struct)
Unfit = Callable[[Plain, Plain], None]

_ENCODER = msgspec.json.Encoder()


def _pairs() -> Iterator[tuple[type[Any], type[Any]]]:
    """The messages of 2.0.1 with those of 2.1; every one has its own."""
    for name, action in ACTIONS["2.0.1"].items():
        yield action.request, ACTIONS["2.1"][name].request
        if action.response is not None:
            yield action.response, getattr(v21, action.response.__name__)


_WIDE: Mapping[type, msgspec.json.Decoder[Any]] = {narrow: msgspec.json.Decoder(wide) for narrow, wide in _pairs()}
_NARROW: Mapping[type, msgspec.json.Decoder[Any]] = {wide: msgspec.json.Decoder(narrow) for narrow, wide in _pairs()}


def widen(message: msgspec.Struct) -> Any:
    """The 2.1 message that says the same as this 2.0.1 message.

    Raises: PropertyConstraintViolation when a required value is one that 2.1 forbids.
    """
    decoder = _WIDE[type(message)]
    try:
        return decoder.decode(_ENCODER.encode(message))
    except msgspec.ValidationError:
        return _widen_with_care(message, decoder)


def narrow(message: msgspec.Struct) -> Any:
    """The 2.0.1 message that says the same as this 2.1 message.

    Raises: PeerCannot for a request, InternalError for an answer, when 2.0.1 cannot say it.
    """
    decoder = _NARROW.get(type(message))
    if decoder is None:
        raise PeerCannot(_action(message), "OCPP 2.0.1 has no such message")
    raw = _ENCODER.encode(message)
    try:
        if _MARK not in raw:
            return decoder.decode(raw)
    except msgspec.ValidationError:
        pass
    return _narrow_with_care(message, decoder)


_MARK = f'"{KEPT}"'.encode()


def _widen_with_care(message: msgspec.Struct, decoder: msgspec.json.Decoder[Any]) -> Any:
    """Fill in what 2.1 requires and set aside what it forbids."""
    plain: Plain = msgspec.json.decode(_ENCODER.encode(message))
    kind: type[Any] = decoder.type
    _fill(plain, kind, FILLED_IN_21)
    _fit(plain, kind, _keep)
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise PropertyConstraintViolation(str(error)) from error


def _narrow_with_care(message: msgspec.Struct, decoder: msgspec.json.Decoder[Any]) -> Any:
    """Restore what widening set aside, leave out what may be lost, fill in what 2.0.1 requires."""
    plain: Plain = msgspec.json.decode(_ENCODER.encode(message))
    _restore(plain, type(message))
    _leave_out(plain, type(message))
    _fill(plain, type(message), FILLED_IN_201)
    _make_whole(plain, decoder.type)
    if isinstance(message, Answer):
        _fit(plain, decoder.type, _forget)
    try:
        return msgspec.convert(plain, decoder.type)
    except msgspec.ValidationError as error:
        if isinstance(message, Answer):
            raise InternalError(f"the answer cannot be said in OCPP 2.0.1: {error}") from error
        raise PeerCannot(_action(message), f"OCPP 2.0.1 cannot say it: {error}") from error


def _keep(plain: Plain, unfit: Plain) -> None:
    """Put fields aside where narrowing finds them."""
    plain["customData"] = {"vendorId": VENDOR, **plain.get("customData", {}), KEPT: unfit}


def _forget(plain: Plain, unfit: Plain) -> None:
    """Leave fields out."""


def _restore(plain: Plain, kind: type[Any]) -> None:
    """Undo `_keep`, from the outside in."""
    custom = plain.get("customData", {})
    if KEPT in custom:
        plain.update(custom.pop(KEPT))
        if custom == {"vendorId": VENDOR}:
            del plain["customData"]
    for child, child_kind in _objects(plain, kind):
        _restore(child, child_kind)


def _leave_out(plain: Plain, kind: type[Any]) -> None:
    """Remove what `LEFT_OUT` lists."""
    for owner, name in LEFT_OUT:
        if owner == kind.__name__:
            plain.pop(name, None)
    for child, child_kind in _objects(plain, kind):
        _leave_out(child, child_kind)


def _fill(plain: Plain, kind: type[Any], defaults: Mapping[tuple[str, str], str]) -> None:
    """Add the values that the other version requires."""
    for (owner, name), value in defaults.items():
        if owner == kind.__name__:
            plain.setdefault(name, value)
    for child, child_kind in _objects(plain, kind):
        _fill(child, child_kind, defaults)


def _make_whole(plain: Plain, kind: Any) -> None:
    """Write 16.0 as 16 where 2.0.1 has integers (what an EV asks for); 16.5 stays and is refused."""
    fields = _fields(kind)
    for name, value in plain.items():
        if isinstance(value, float) and value.is_integer() and name in fields and not _holds(fields[name].type, value):
            plain[name] = int(value)
    for child, child_kind in _objects(plain, kind):
        _make_whole(child, child_kind)


def _fit(plain: Plain, kind: Any, unfit: Unfit) -> None:
    """Hand to `unfit` every optional field that `kind` cannot hold, deepest first."""
    for child, child_kind in _objects(plain, kind):
        _fit(child, child_kind, unfit)
    fields = _fields(kind)
    misfits = {
        name: value
        for name, value in plain.items()
        if name not in fields or (not fields[name].required and not _holds(fields[name].type, value))
    }
    if misfits:
        for name in misfits:
            del plain[name]
        unfit(plain, misfits)


def _holds(kind: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


@cache
def _fields(kind: Any) -> Mapping[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(kind)}


def _objects(plain: Plain, kind: Any) -> Iterator[tuple[Plain, type[Any]]]:
    """The objects directly inside an object, with their types."""
    fields = _fields(kind)
    for name, value in list(plain.items()):
        child_kind = _struct_in(fields[name].type) if name in fields else None
        if child_kind is not None:
            for child in value if isinstance(value, list) else (value,):
                yield child, child_kind


@cache
def _struct_in(kind: Any) -> type[Any] | None:
    """The Struct that a field or its items are made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) in (Annotated, Union, UnionType, list):
        return next(filter(None, map(_struct_in, get_args(kind))), None)
    return None


def _action(message: msgspec.Struct) -> str:
    return str(getattr(message, "action", type(message).__name__))


def hear(request: Request, talk: Talk[None]) -> Dialogue:
    """A 2.0.1 request -> the same in 2.1 -> the answer in 2.0.1."""
    answer = yield widen(request)
    result: Answer = narrow(answer)
    return result


def say(request: Request, talk: Talk[None]) -> Dialogue:
    """A 2.1 request -> the same in 2.0.1 -> the answer in 2.1. Raises PeerCannot."""
    answer = yield narrow(request)
    result: Answer = widen(answer)
    return result


class Dialect201(Memoryless):
    """2.0.1 on both sides; it has nothing to remember."""

    traits = Traits(
        version="2.0.1",
        hears=said_by_csms(ACTIONS["2.0.1"]),
        numbers_events=True,
        reports_device_model=True,
        answers_broken_results=False,
        raw_password=False,
    )
    hear_station = staticmethod(hear)
    say_station = staticmethod(say)
    hear_csms = staticmethod(hear)
    say_csms = staticmethod(say)
