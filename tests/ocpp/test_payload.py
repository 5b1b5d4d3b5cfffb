"""What the reader refuses and with which code, and how the writer spells times."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voltgate.ocpp import v16, v21
from voltgate.ocpp.errors import (
    FormatViolation,
    MessageError,
    OccurrenceConstraintViolation,
    PropertyConstraintViolation,
    TypeConstraintViolation,
)
from voltgate.ocpp.payload import MAX_DEPTH, decode, encode

BOOT = b'"reason":"PowerUp","chargingStation":{"model":"m","vendorName":"v"}'
NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def refused(kind: type[msgspec.Struct], raw: bytes) -> MessageError:
    """The error that a payload causes."""
    with pytest.raises(MessageError) as caught:
        decode(kind, raw)
    return caught.value


def nested(depth: int) -> bytes:
    """That many lists in each other."""
    return b"[" * depth + b"]" * depth


# Our codes hang on these texts of msgspec: when one changes, the table in payload.py must follow.
@pytest.mark.parametrize(
    ("raw", "kind", "text"),
    [
        (b"[]", v21.ResetRequest, "Expected `object`, got `array`"),
        (b"{}", v21.ResetRequest, "Object missing required field `type`"),
        (b'{"x":1}', v21.ResetRequest, "Object contains unknown field `x`"),
        (b'{"type":1}', v21.ResetRequest, "Expected `str`, got `int` - at `$.type`"),
        (b'{"type":"x"}', v21.ResetRequest, "Invalid enum value 'x' - at `$.type`"),
        (b'{"type":"Immediate","evseId":-1}', v21.ResetRequest, "Expected `int` >= 0 - at `$.evseId`"),
        (b'{"type":"Immediate","evseId":1.5}', v21.ResetRequest, "Expected `int | null`, got `float` - at `$.evseId`"),
        (b'"xx"', Annotated[str, msgspec.Meta(max_length=1)], "Expected `str` of length <= 1"),
        (b"[]", Annotated[list[int], msgspec.Meta(min_length=1)], "Expected `array` of length >= 1"),
        (b"[1,2]", Annotated[list[int], msgspec.Meta(max_length=1)], "Expected `array` of length <= 1"),
        (b"1e999", float, "Number out of range"),
        (b'"noon"', datetime, "Invalid RFC3339 encoded datetime"),
        (b'"2025-01-01T00:00:00"', Annotated[datetime, msgspec.Meta(tz=True)], "Expected `datetime` with a timezone component"),
    ],
)
def test_the_texts_of_msgspec(raw: bytes, kind: Any, text: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(raw, type=kind)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("raw", "error", "description"),
    [
        (b"[]", FormatViolation, "Expected `object`, got `array`"),
        (b"{" + BOOT, FormatViolation, "Input data was truncated"),
        (b"{" + BOOT + b"} {}", FormatViolation, "JSON is malformed: trailing characters (byte 71)"),
        (b"{" + BOOT + b',"x":1}', FormatViolation, "Object contains unknown field `x`"),
        (b'{"reason":"\xff"}', FormatViolation, "The payload is not UTF-8"),
        (b'{"\xff":"PowerUp"}', FormatViolation, "The payload is not UTF-8"),
        (b'{"reason":"Power\0Up"}', FormatViolation, "JSON is malformed: invalid character (byte 16)"),
        (b'{"reason":"PowerUp"}', OccurrenceConstraintViolation, "Object missing required field `chargingStation`"),
        (b'{"reason":7}', TypeConstraintViolation, "Expected `str`, got `int` - at `$.reason`"),
        (b'{"reason":"Whim"}', PropertyConstraintViolation, "Invalid enum value 'Whim' - at `$.reason`"),
        (
            b'{"reason":"PowerUp","chargingStation":{"model":"mmmmmmmmmmmmmmmmmmmmm"}}',
            PropertyConstraintViolation,
            "Expected `str` of length <= 20 - at `$.chargingStation.model`",
        ),
        (
            b'{"reason":"PowerUp","chargingStation":{"model":"m","vendorName":"v","serialNumber":null}}',
            TypeConstraintViolation,
            "Expected a value, got `null` - at `$.chargingStation.serialNumber`",
        ),
        (
            b'{"reason":"PowerUp","chargingStation":{"model":"\\u0000","vendorName":"v"}}',
            PropertyConstraintViolation,
            "Text contains the character U+0000 - at `$.chargingStation.model`",
        ),
        (b'{"reason":"\\ud800 and more"}', FormatViolation, "JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 17)"),
    ],
)
def test_the_error_names_code_and_place(raw: bytes, error: type[MessageError], description: str) -> None:
    caught = refused(v21.BootNotificationRequest, raw)
    assert (type(caught), caught.description) == (error, description)


def test_a_description_is_never_too_long_for_the_wire() -> None:
    raw = b'{"' + b"x" * 1000 + b'":1}'
    assert len(refused(v21.ResetRequest, raw).description) == 255


@pytest.mark.parametrize(
    ("custom_data", "error"),
    [
        (b"null", TypeConstraintViolation),
        (b"[]", TypeConstraintViolation),
        (b"{}", OccurrenceConstraintViolation),
        (b'{"vendorId":null}', TypeConstraintViolation),
        (b'{"vendorId":7}', TypeConstraintViolation),
        (b'{"vendorId":"' + b"v" * 256 + b'"}', PropertyConstraintViolation),
        (b'{"vendorId":"v","a":"\\u0000"}', PropertyConstraintViolation),
        (b'{"vendorId":"v","\\u0000":1}', PropertyConstraintViolation),
        (b'{"vendorId":"v","a":' + nested(MAX_DEPTH) + b"}", FormatViolation),
        (b'{"vendorId":"v","a":' + nested(100_000) + b"}", FormatViolation),
        (b'{"vendorId":"v","a":1e999}', PropertyConstraintViolation),
    ],
)
def test_custom_data_must_name_its_vendor_and_be_storable(custom_data: bytes, error: type[MessageError]) -> None:
    assert type(refused(v21.BootNotificationRequest, b"{" + BOOT + b',"customData":' + custom_data + b"}")) is error


def test_custom_data_is_checked_under_an_escaped_name_too() -> None:
    assert type(refused(v21.HeartbeatRequest, b'{"custom\\u0044ata":{}}')) is OccurrenceConstraintViolation


def test_custom_data_is_checked_inside_a_data_type() -> None:
    raw = b'{"reason":"PowerUp","chargingStation":{"model":"m","vendorName":"v","customData":{}}}'
    assert refused(v21.BootNotificationRequest, raw).description.endswith("`$.chargingStation.customData`")


def test_custom_data_is_kept_whole() -> None:
    data = {"vendorId": "v", "null": None, "customData": {"deep": [1, 2.5, {"a": "ü"}]}}
    message = v21.HeartbeatRequest(customData=data)
    assert decode(v21.HeartbeatRequest, encode(message)).customData == data


@pytest.mark.parametrize("data", [b"1", b'"text"', b"[null,1]", b'{"a":null,"customData":{}}', b"123456789012345678901234567890"])
def test_data_of_a_transfer_is_any_json_and_kept_whole(data: bytes) -> None:
    raw = b'{"vendorId":"v","data":' + data + b"}"
    message = decode(v21.DataTransferRequest, raw)
    assert msgspec.json.decode(encode(message)) == msgspec.json.decode(raw)


def test_data_of_a_transfer_is_text_in_16() -> None:
    assert type(refused(v16.DataTransferRequest, b'{"vendorId":"v","data":{}}')) is TypeConstraintViolation


@pytest.mark.parametrize("data", [nested(MAX_DEPTH + 1), nested(100_000)])
def test_data_of_a_transfer_is_not_endlessly_deep(data: bytes) -> None:
    assert type(refused(v21.DataTransferRequest, b'{"vendorId":"v","data":' + data + b"}")) is FormatViolation


def test_null_is_found_in_a_list() -> None:
    raw = b'{"getVariableData":[{"component":{"name":"c"},"variable":{"name":"v","instance":null}}]}'
    assert refused(v21.GetVariablesRequest, raw).description == "Expected a value, got `null` - at `$.getVariableData[0].variable.instance`"


def test_the_word_null_in_a_text_is_no_null() -> None:
    assert decode(v16.AuthorizeRequest, b'{"idTag":"null"}').idTag == "null"


@pytest.mark.parametrize(("raw", "value"), [(b"1.0", 1), (b"1e2", 100), (b"0.0", 0)])
def test_a_whole_number_is_an_integer_however_it_is_written(raw: bytes, value: int) -> None:
    assert decode(v21.ResetRequest, b'{"type":"Immediate","evseId":' + raw + b"}").evseId == value


@pytest.mark.parametrize("raw", [b"1.5", b"1e300", b"true", b'"1"'])
def test_anything_else_is_no_integer(raw: bytes) -> None:
    assert type(refused(v21.ResetRequest, b'{"type":"Immediate","evseId":' + raw + b"}")) is TypeConstraintViolation


@pytest.mark.parametrize("raw", [b"9223372036854775808", b"-9223372036854775809", b"1" * 400])
def test_an_integer_fits_into_64_bits(raw: bytes) -> None:
    assert type(refused(v16.RemoteStopTransactionRequest, b'{"transactionId":' + raw + b"}")) is PropertyConstraintViolation


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-01-01T12:00:00Z", NOON),
        ("2025-01-01T14:00:00+02:00", NOON),
        ("2025-01-01T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2025-01-01T12:00:00.123456789Z", NOON + timedelta(microseconds=123457)),
    ],
)
def test_times_are_heard_with_fractions_and_offsets(text: str, time: datetime) -> None:
    assert decode(v16.HeartbeatResponse, b'{"currentTime":"%s"}' % text.encode()).currentTime == time


@pytest.mark.parametrize("text", ["2025-01-01T12:00:00", "2025-01-01", "2025-13-01T12:00:00Z", "2025-01-01T25:00:00Z", "noon", ""])
def test_what_is_no_time_with_offset_is_refused(text: str) -> None:
    assert type(refused(v16.HeartbeatResponse, b'{"currentTime":"%s"}' % text.encode())) is PropertyConstraintViolation


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"])
def test_a_time_that_utc_cannot_express_is_refused(text: str) -> None:
    assert type(refused(v16.HeartbeatResponse, b'{"currentTime":"%s"}' % text.encode())) is PropertyConstraintViolation


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (NOON, "2025-01-01T12:00:00Z"),
        (NOON + timedelta(microseconds=999), "2025-01-01T12:00:00Z"),
        (NOON + timedelta(microseconds=123999), "2025-01-01T12:00:00.123Z"),
        (NOON.astimezone(timezone(timedelta(hours=-3))), "2025-01-01T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=2))) + timedelta(milliseconds=5), "2025-01-01T12:00:00.005Z"),
    ],
)
def test_times_are_said_in_utc_with_milliseconds(time: datetime, text: str) -> None:
    assert encode(v16.HeartbeatResponse(currentTime=time)) == b'{"currentTime":"%s"}' % text.encode()


def test_a_text_that_looks_like_a_time_is_left_alone() -> None:
    message = v21.DataTransferRequest(vendorId="v", data={"at": "2025-01-01T12:00:00.123456+02:00"})
    assert b"2025-01-01T12:00:00.123456+02:00" in encode(message)


@pytest.mark.parametrize(
    "message",
    [
        v16.AuthorizeRequest(idTag="x" * 21),
        v16.AuthorizeRequest(idTag="\0"),
        v16.AuthorizeRequest(idTag="\ud800"),
        v16.HeartbeatResponse(currentTime=datetime(2025, 1, 1)),
        v16.HeartbeatResponse(currentTime=datetime(1, 1, 1, microsecond=1, tzinfo=timezone(timedelta(hours=1)))),
        v21.CostUpdatedRequest(totalCost=float("nan"), transactionId="t"),
        v21.ResetRequest(type="Immediate", evseId=-1),
        v21.ResetRequest(type="Soon"),  # type: ignore[arg-type]  # on purpose
        v21.HeartbeatRequest(customData={}),
        v21.DataTransferRequest(vendorId="v", data=object()),
        v21.DataTransferRequest(vendorId="v", data=msgspec.json.decode(nested(MAX_DEPTH + 1))),
    ],
)
def test_we_do_not_say_what_we_would_not_hear(message: msgspec.Struct) -> None:
    with pytest.raises(MessageError):
        encode(message)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_rubbish_causes_nothing_but_our_own_errors(raw: bytes) -> None:
    for payload in (raw, b"{" + raw + b"}", b'{"customData":' + raw + b"}", b'{"vendorId":"v","data":' + raw + b"}"):
        with suppress(MessageError):
            decode(v21.DataTransferRequest, payload)
