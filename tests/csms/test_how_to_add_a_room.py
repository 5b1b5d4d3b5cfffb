"""The page `how-to-add-a-room.md` stays true: its example runs as a room, and what it names exists."""

import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.csms.builders import Station, a_context
from voltgate.csms.blocks import merge
from voltgate.csms.session import Session
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to-add-a-room.md").read_text("utf-8")


async def test_its_handler_is_a_room(database: SqliteDatabase) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    # The example with a real message: FirmwareStatusNotification has one value to keep.
    code = textwrap.dedent(found[1]).replace("XxxRe", "FirmwareStatusNotificationRe").replace('"Xxx"', '"FirmwareStatusNotification"')
    kept: list[Any] = []
    names: dict[str, Any] = {"v21": v21, "Session": Session, "to_ms": to_ms, "keep_xxx": lambda *told: kept.append(told)}
    exec(code.replace("request.value", "request.status"), names)
    room = cast(Any, SimpleNamespace(__name__="xxx", HANDLERS=names["HANDLERS"]))
    station = Station(a_context(database), merge([room], "HANDLERS", frozenset({"station"})))
    heard = await station.says(v21.FirmwareStatusNotificationRequest(status="Installed"))
    assert heard.answer == v21.FirmwareStatusNotificationResponse()
    assert heard.told == ["xxx.happened"]
    assert kept[0][2] == "Installed"


def test_the_files_it_names_exist() -> None:
    named = set(re.findall(r"`((?:src|tests|docs|csms|ocpp)/[\w/.]+(?:\.py|/))`", PAGE))
    assert len(named) > 5
    for name in named - {"tests/csms/xxx/"}:
        assert (ROOT / name).exists() or (ROOT / "src/voltgate" / name).exists(), name
    for name in ("tell", "show", "raise_alarm", "work"):
        assert hasattr(Session, name)
