"""An operator's wishes for a foreign station's variables, in every version, and what the station tells about itself."""

from typing import Any

import httpx
import pytest
from ocpp.routing import on
from ocpp.v16 import call_result as result16
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201

from tests.scenarios.foreign import STATIONS, boot, connected, eventually, register
from voltgate.csms.app import Csms


class Talkative201(STATIONS["2.0.1"]):  # type: ignore[misc]
    """Tells its inventory in two parts and takes every value but one."""

    @on("GetBaseReport")
    def on_base_report(self, request_id: int, **_: Any) -> Any:
        return result201.GetBaseReport(status="Accepted")

    @on("SetVariables")
    def on_set(self, set_variable_data: list[dict[str, Any]], **_: Any) -> Any:
        answers = [
            {
                "component": one["component"],
                "variable": one["variable"],
                "attribute_status": "Rejected" if one["attribute_value"] == "no" else "Accepted",
            }
            for one in set_variable_data
        ]
        return result201.SetVariables(set_variable_result=answers)

    @on("GetVariables")
    def on_get(self, get_variable_data: list[dict[str, Any]], **_: Any) -> Any:
        answers = [{**one, "attribute_status": "Accepted", "attribute_value": "77"} for one in get_variable_data]
        return result201.GetVariables(get_variable_result=answers)


class Talkative16(STATIONS["1.6"]):  # type: ignore[misc]
    """Has three keys."""

    @on("GetConfiguration")
    def on_get(self, **_: Any) -> Any:
        keys = [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}, {"key": "VendorThing", "readonly": True, "value": "x"}]
        return result16.GetConfiguration(configuration_key=keys)

    @on("ChangeConfiguration")
    def on_change(self, key: str, value: str, **_: Any) -> Any:
        return result16.ChangeConfiguration(status="Rejected" if value == "0" else "Accepted")


def part(request_id: int, number: int, last: bool, name: str, value: str) -> Any:
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": name},
        "variable_attribute": [{"value": value, "mutability": "ReadWrite"}],
        "variable_characteristics": {"data_type": "integer", "supports_monitoring": False},
    }
    return call201.NotifyReport(
        request_id=request_id, generated_at="2026-01-01T00:00:00Z", seq_no=number, tbc=None if last else True, report_data=[data]
    )


@pytest.mark.requirement("B05.FR.01", "B06.FR.01", "B07.FR.07")
@pytest.mark.action("2.0.1:SetVariables", "2.0.1:GetVariables", "2.0.1:NotifyReport", "2.0.1:GetBaseReport")
async def test_2_0_1(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1")
    wishes = [
        {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"},
        {"component": "OCPPCommCtrlr", "variable": "Other", "value": "no"},
    ]
    waiting = (await api.patch("/stations/CS-1/variables", json=wishes)).json()
    assert {one["status"] for one in waiting} == {"waiting"}
    async with connected(csms, "CS-1", password, "2.0.1", Talkative201) as station:
        await station.call(boot("2.0.1"))

        async def asked() -> Any:
            return (await api.get("/messages", params={"action": "GetBaseReport", "direction": "out"})).json()["items"]

        request_id = 1
        await eventually(asked)
        await station.call(part(request_id, 0, False, "HeartbeatInterval", "60"))
        await station.call(part(request_id, 1, True, "RetryBackOffWaitMinimum", "7"))
        shown = {one["variable"]: one for one in (await api.get("/stations/CS-1/variables")).json()["items"]}
        assert (shown["HeartbeatInterval"]["value"], shown["HeartbeatInterval"]["status"]) == ("60", "done")
        assert (shown["Other"]["status"], shown["Other"]["reason"]) == ("refused", "Rejected")
        assert shown["RetryBackOffWaitMinimum"]["value"] == "7"

        again = [{"component": "OCPPCommCtrlr", "variable": "RetryBackOffWaitMinimum", "value": "9"}]
        assert (await api.patch("/stations/CS-1/variables", json=again)).json()[0]["status"] == "done"

        question = {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "RetryBackOffWaitMinimum"}}]}
        answer = await api.post("/stations/CS-1/calls/GetVariables", json=question)
        assert answer.json()["getVariableResult"][0]["attributeValue"] == "77"
        found = (await api.get("/stations/CS-1/variables", params={"search": "backoff"})).json()["items"]
        assert [one["value"] for one in found] == ["77"]


@pytest.mark.action("1.6:GetConfiguration", "1.6:ChangeConfiguration")
async def test_1_6(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1")
    async with connected(csms, "CS-1", password, "1.6", Talkative16) as station:
        await station.call(boot("1.6"))

        async def told() -> Any:
            return (await api.get("/stations/CS-1/variables", params={"search": "VendorThing"})).json()["items"]

        assert (await eventually(told))[0]["mutability"] == "ReadOnly"
        beat = next(one for one in (await api.get("/stations/CS-1/variables")).json()["items"] if one["variable"] == "HeartbeatInterval")
        assert beat["value"] == "300"
        wish = {"component": beat["component"], "variable": "HeartbeatInterval", "value": "60"}
        done = (await api.patch("/stations/CS-1/variables", json=[wish])).json()[0]
        assert (done["status"], done["value"]) == ("done", "60")
        refused = (await api.patch("/stations/CS-1/variables", json=[{**wish, "value": "0"}])).json()[0]
        assert refused["status"] == "refused"


async def test_a_password_set_on_the_station_is_ours_from_then_on(csms: Csms, api: httpx.AsyncClient) -> None:
    password = await register(api, "CS-1")
    fresh = "fresh-password-of-the-station"
    async with connected(csms, "CS-1", password, "2.0.1", Talkative201) as station:
        await station.call(boot("2.0.1"))
        secret = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}, "attributeValue": fresh}
        answer = await api.post("/stations/CS-1/calls/SetVariables", json={"setVariableData": [secret]})
        assert answer.json()["setVariableResult"][0]["attributeStatus"] == "Accepted"
        wish = {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": fresh}
        assert (await api.patch("/stations/CS-1/variables", json=[wish])).status_code == 422
    async with connected(csms, "CS-1", fresh, "2.0.1", Talkative201):
        pass
    for path in ("/stations/CS-1/messages", "/stations/CS-1/variables", "/audit"):
        assert fresh not in (await api.get(path)).text
