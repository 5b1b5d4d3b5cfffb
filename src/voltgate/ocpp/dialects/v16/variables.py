"""Configuration: GetVariables, SetVariables and reports <-> GetConfiguration and ChangeConfiguration.

1.6 changes one key per message, so one SetVariables may be several calls; after the first of them a failure is a result and no error,
because something has been changed. A report is one GetConfiguration for all keys, told in NotifyReports after the answer.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any

from voltgate.ocpp import v16, v21
from voltgate.ocpp.dialects.v16.config_keys import COMPONENTS, KEYS, Key, hear_value, key_at, key_named, say_value
from voltgate.ocpp.dialects.v16.limits import short
from voltgate.ocpp.dialects.v16.memory import Memory
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.errors import CallFailed, CallRefused

PER_PART = 50
"""Variables in one NotifyReport."""
MAX_VALUE = 500
MAX_KEYS = "getconfigurationmaxkeys"

Found = dict[str, v16.KeyValue]
"""What the station knows, by key without case."""

_SET_SAID: Mapping[v16.ConfigurationStatus, v21.SetVariableStatusEnumType] = {
    "Accepted": "Accepted",
    "Rejected": "Rejected",
    "RebootRequired": "RebootRequired",
    "NotSupported": "UnknownVariable",
}
_SET_HEARD: Mapping[v21.SetVariableStatusEnumType, v16.ConfigurationStatus] = {
    "Accepted": "Accepted",
    "Rejected": "Rejected",
    "RebootRequired": "RebootRequired",
    "UnknownComponent": "NotSupported",
    "UnknownVariable": "NotSupported",
    "NotSupportedAttributeType": "NotSupported",
}


def say_get(request: v21.GetVariablesRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS reads variables: one GetConfiguration for all of them, or as many as the station's limit needs."""
    keys = [key.name for data in request.getVariableData if (key := _readable_key(data)) is not None]
    found = yield from _configuration(list(dict.fromkeys(keys)), talk.memory)
    return v21.GetVariablesResponse(getVariableResult=[_got(data, found) for data in request.getVariableData])


def _readable_key(data: v21.GetVariableDataType | v21.SetVariableDataType) -> Key | None:
    return key_at(data.component, data.variable) if data.attributeType in (None, "Actual") else None


def _configuration(keys: list[str], memory: Memory) -> Generator[Any, Any, Found]:
    """Ask for these keys, in as many messages as GetConfigurationMaxKeys needs (1.6 §9.1.9), where we know it."""
    found: Found = {}
    size = memory.max_keys or len(keys) or 1
    for place in range(0, len(keys), size):
        answer: v16.GetConfigurationResponse = yield v16.GetConfigurationRequest(key=keys[place : place + size])
        _learn(answer, found, memory)
    return found


def _learn(answer: v16.GetConfigurationResponse, found: Found, memory: Memory) -> None:
    found.update((entry.key.casefold(), entry) for entry in answer.configurationKey or [])
    limit = found[MAX_KEYS].value if MAX_KEYS in found else None
    if limit is not None and limit.isascii() and limit.isdigit():
        memory.max_keys = int(limit)


def _got(data: v21.GetVariableDataType, found: Found) -> v21.GetVariableResultType:
    key = _readable_key(data)
    entry = found.get(key.name.casefold()) if key else None
    status: v21.GetVariableStatusEnumType
    value = None
    if key is None:
        status = _missing(data)
    elif entry is None:
        status = "UnknownVariable"
    elif entry.value is None and key.access == "WriteOnly":
        status = "Rejected"
    else:
        status, value = "Accepted", hear_value(key, data.component, entry.value or "")
    return v21.GetVariableResultType(
        attributeStatus=status,
        attributeType=data.attributeType,
        attributeValue=value,
        component=data.component,
        variable=data.variable,
    )


def _missing(data: v21.GetVariableDataType | v21.SetVariableDataType) -> Any:
    """Why no key stands for a variable."""
    if data.attributeType not in (None, "Actual"):
        return "NotSupportedAttributeType"
    return "UnknownVariable" if data.component.name.casefold() in COMPONENTS else "UnknownComponent"


def say_set(request: v21.SetVariablesRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS changes variables, one ChangeConfiguration each. Raises PeerCannot for a value that is too long."""
    wishes = [(data, _change(data)) for data in request.setVariableData]
    results: list[v21.SetVariableResultType] = []
    changed = False
    for data, change in wishes:
        if change is None:
            results.append(_result(data, _missing(data)))
            continue
        try:
            answer: v16.ChangeConfigurationResponse = yield change
        except CallFailed as error:
            if not changed and (not isinstance(error, CallRefused) or len(wishes) == 1):
                raise
            results.append(_result(data, "Rejected", error))
        else:
            changed = True
            results.append(_result(data, _SET_SAID[answer.status]))
    return v21.SetVariablesResponse(setVariableResult=results)


def _change(data: v21.SetVariableDataType) -> v16.ChangeConfigurationRequest | None:
    key = _readable_key(data)
    if key is None:
        return None
    value = short("SetVariables", f"the value of {key.name}", say_value(key, data.component, data.attributeValue), MAX_VALUE)
    return v16.ChangeConfigurationRequest(key=key.name, value=value)


def _result(
    data: v21.SetVariableDataType, status: v21.SetVariableStatusEnumType, error: CallFailed | None = None
) -> v21.SetVariableResultType:
    return v21.SetVariableResultType(
        attributeStatus=status,
        attributeType=data.attributeType,
        component=data.component,
        variable=data.variable,
        attributeStatusInfo=v21.StatusInfoType(reasonCode="CallFailed", additionalInfo=str(error)[:512]) if error else None,
    )


def say_base_report(request: v21.GetBaseReportRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS wants all variables, or those it may change. 1.6 has no summary of availability and problems."""
    if request.reportBase == "SummaryInventory":
        return v21.GetBaseReportResponse(status="NotSupported")
    data = yield from _report(talk)
    if request.reportBase == "ConfigurationInventory":
        data = [one for one in data if one.variableAttribute[0].mutability != "ReadOnly"]
    _tell_later(request.requestId, data, talk)
    return v21.GetBaseReportResponse(status="Accepted" if data else "EmptyResultSet")


def say_report(request: v21.GetReportRequest, talk: Talk[Memory]) -> Dialogue:
    """The CSMS wants some components. 1.6 knows nothing of active, enabled or broken components."""
    if request.componentCriteria:
        return v21.GetReportResponse(status="NotSupported")
    data = yield from _report(talk)
    if request.componentVariable:
        wanted = request.componentVariable
        data = [one for one in data if any(_covers(wish, one) for wish in wanted)]
    _tell_later(request.requestId, data, talk)
    return v21.GetReportResponse(status="Accepted" if data else "EmptyResultSet")


def _covers(wish: v21.ComponentVariableType, data: v21.ReportDataType) -> bool:
    component, variable = wish.component, wish.variable
    if component.evse is not None or component.name.casefold() != data.component.name.casefold():
        return False
    if variable is None:
        return True
    same_instance = variable.instance is None or variable.instance == data.variable.instance
    return same_instance and variable.name.casefold() == data.variable.name.casefold()


def _report(talk: Talk[Memory]) -> Generator[Any, Any, list[v21.ReportDataType]]:
    """All that the station knows, in the device model; a limit is told with the variable it limits."""
    answer: v16.GetConfigurationResponse = yield v16.GetConfigurationRequest()
    found: Found = {}
    _learn(answer, found, talk.memory)
    entries = [(key_named(entry.key), entry) for entry in found.values()]
    limits = {(key.component, key.variable, key.instance): entry for key, entry in entries if key.field == "maxLimit"}
    data = [_variable(key, entry, limits.pop((key.component, key.variable, key.instance), None)) for key, entry in _values(entries)]
    return data + [_limit(key_named(entry.key), entry) for entry in limits.values()]


def _values(entries: Iterable[tuple[Key, v16.KeyValue]]) -> Iterator[tuple[Key, v16.KeyValue]]:
    return ((key, entry) for key, entry in entries if key.field == "Actual")


def _variable(key: Key, entry: v16.KeyValue, limit: v16.KeyValue | None) -> v21.ReportDataType:
    component, variable = key.places
    hidden = entry.value is None and key.access == "WriteOnly"
    try:
        value = None if hidden else hear_value(key, component, entry.value or "")
    except ValueError:
        value = None
    return v21.ReportDataType(
        component=component,
        variable=variable,
        variableAttribute=[
            v21.VariableAttributeType(
                type="Actual", value=value, mutability="WriteOnly" if hidden else "ReadOnly" if entry.readonly else "ReadWrite"
            )
        ],
        variableCharacteristics=_characteristics(key, limit),
    )


def _limit(key: Key, entry: v16.KeyValue) -> v21.ReportDataType:
    """A limit whose variable the station did not tell."""
    component, variable = key.places
    return v21.ReportDataType(
        component=component,
        variable=variable,
        variableAttribute=[v21.VariableAttributeType(type="Actual", mutability="ReadOnly")],
        variableCharacteristics=_characteristics(key, entry),
    )


def _characteristics(key: Key, limit: v16.KeyValue | None) -> v21.VariableCharacteristicsType:
    text = limit.value if limit is not None else None
    return v21.VariableCharacteristicsType(
        dataType=key.type,
        unit=key.unit,
        supportsMonitoring=False,
        maxLimit=float(text) if text is not None and text.isascii() and text.isdigit() else None,
    )


def _tell_later(request_id: int, data: list[v21.ReportDataType], talk: Talk[Memory]) -> None:
    """Queue the report in parts; every part but the last says that more follows."""
    for seq, place in enumerate(range(0, len(data), PER_PART)):
        talk.later.append(
            v21.NotifyReportRequest(
                requestId=request_id,
                generatedAt=talk.now,
                seqNo=seq,
                reportData=data[place : place + PER_PART],
                tbc=place + PER_PART < len(data),
            )
        )


def hear_get(request: v16.GetConfigurationRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is asked for keys; without a list for all that 1.6 knows."""
    keys = [key_named(name) for name in request.key] if request.key else list(KEYS)
    wanted = [v21.GetVariableDataType(component=key.readable[0], variable=key.readable[1]) for key in keys]
    answer: v21.GetVariablesResponse = yield v21.GetVariablesRequest(getVariableData=wanted)
    results = {_place(result): result for result in answer.getVariableResult}
    known: list[v16.KeyValue] = []
    unknown: list[str] = []
    for key, data in zip(keys, wanted, strict=True):
        entry = _entry(key, data, results.get(_place(data)))
        if entry is not None:
            known.append(entry)
        elif request.key:
            unknown.append(key.name)
    return v16.GetConfigurationResponse(configurationKey=known or None, unknownKey=unknown or None)


def _place(data: v21.GetVariableDataType | v21.GetVariableResultType) -> tuple[str, str, str | None]:
    return data.component.name.casefold(), data.variable.name.casefold(), data.variable.instance


def _entry(key: Key, data: v21.GetVariableDataType, result: v21.GetVariableResultType | None) -> v16.KeyValue | None:
    """The key as 1.6 says it; a value beyond 500 characters is cut, because half a list is more than none.

    GetVariables does not tell whether a variable may be changed, so `readonly` is what the specification says of the key.
    """
    if result is None or result.attributeStatus not in ("Accepted", "Rejected"):
        return None
    value = None
    if result.attributeStatus == "Accepted":
        value = say_value(key, data.component, result.attributeValue or "")[:MAX_VALUE]
    return v16.KeyValue(key=key.name, readonly=key.access == "ReadOnly", value=value)


def hear_change(request: v16.ChangeConfigurationRequest, talk: Talk[Memory]) -> Dialogue:
    """The station is told to change a key; a password that is no text goes by the name of its key, as hexadecimal digits."""
    key = key_named(request.key)
    component, variable = key.readable
    try:
        value = hear_value(key, component, request.value)
    except ValueError:
        (component, variable), value = key.legacy, request.value
    wish = v21.SetVariableDataType(attributeValue=value, component=component, variable=variable)
    answer: v21.SetVariablesResponse = yield v21.SetVariablesRequest(setVariableData=[wish])
    return v16.ChangeConfigurationResponse(status=_SET_HEARD[answer.setVariableResult[0].attributeStatus])


SAY_STATION = {
    v21.GetVariablesRequest: say_get,
    v21.SetVariablesRequest: say_set,
    v21.GetBaseReportRequest: say_base_report,
    v21.GetReportRequest: say_report,
}
HEAR_CSMS = {v16.GetConfigurationRequest: hear_get, v16.ChangeConfigurationRequest: hear_change}
