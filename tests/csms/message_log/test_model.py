import json

import pytest

from voltgate.csms.message_log.model import BLANK, LONGEST_RAW, FrameIds, kind_of, presentable


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('[2,"1","Heartbeat",{}]', "CALL"),
        (' [ 3 , "1", {}]', "CALLRESULT"),
        ('[4,"1","x","",{}]', "CALLERROR"),
        ('[5,"1","x","",{}]', "CALLRESULTERROR"),
        ('[6,"1","x",{}]', "SEND"),
        ('[9,"1"]', "BROKEN"),
        ('["2"]', "BROKEN"),
        ("", "BROKEN"),
    ],
)
def test_what_a_frame_says_it_is(raw: str, kind: str) -> None:
    assert kind_of(raw) == kind


def test_ids_grow_with_time_even_when_the_clock_goes_back() -> None:
    ids = FrameIds()
    given = [ids.next(1000), ids.next(1000), ids.next(2000), ids.next(1500), ids.next(2001)]
    assert given == [1_000_000, 1_000_001, 2_000_000, 2_000_001, 2_001_000]
    assert FrameIds(5_000_000).next(1) == 5_000_001


@pytest.mark.parametrize(
    "raw",
    [
        '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret"}]',
        '[2,"1","SetVariables",{"setVariableData":[{"attributeValue":"s3cret","component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}]',
        '[2,"1","SetNetworkProfile",{"connectionData":{"basicAuthPassword":"s3cret","vpn":{"password":"s3cret"}}}]',
        '[2,"1","SetVariables",{"setVariableData":[{"attributeValue":"s3cret","variable":{"name":"BasicAuthPassword"}',
    ],
)
def test_secrets_are_blanked_out(raw: str) -> None:
    assert "s3cret" not in presentable(raw)


def test_what_only_looks_like_a_secret_stays() -> None:
    raw = '[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false},{"key":"HeartbeatInterval","value":"300"}]}]'
    shown = json.loads(presentable(raw))
    assert shown[2]["configurationKey"][1]["value"] == "300"
    assert BLANK not in presentable(raw)


def test_a_huge_frame_is_kept_short() -> None:
    kept = presentable("x" * 2_000_000)
    assert len(kept) < LONGEST_RAW + 100
    assert "2000000 characters" in kept


@pytest.mark.requirement("C04.FR.04")
def test_key_codes_are_not_kept() -> None:
    raw = '[2,"1","Authorize",{"idToken":{"idToken":"4711","type":"KeyCode"}}]'
    assert json.loads(presentable(raw))[3] == {"idToken": {"idToken": BLANK, "type": "KeyCode"}}
    card = '[2,"1","Authorize",{"idToken":{"idToken":"4711","type":"ISO14443"}}]'
    assert presentable(card) == card


def _report(attribute: str) -> str:
    data = '[{"variable": {"name": "BasicAuthPassword"}, "variableAttribute": [{' + attribute + "}]}]"
    return '[2, "1", "NotifyReport", {"reportData": ' + data + "}]"


def test_a_report_without_the_value_of_a_secret_is_kept_as_it_came() -> None:
    raw = _report('"mutability": "WriteOnly"')
    assert presentable(raw) == raw


def test_a_report_with_the_value_of_a_secret_is_kept_without_it() -> None:
    kept = presentable(_report('"value": "hunter2", "mutability": "WriteOnly"'))
    assert "hunter2" not in kept
    assert f'[{{"value":"{BLANK}","mutability":"WriteOnly"}}]' in kept
