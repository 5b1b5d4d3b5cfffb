"""A person charges a car from the page of its station, in every version."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, Opener
from tests.browser.system import TOKEN, VERSIONS, System

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTHING = "\N{EN DASH}"
KILOWATTS = re.compile(r"^(1[01]|[1-9])(\.\d+)? kW$")


def start_at_first_evse(page: Page) -> None:
    page.get_by_role("button", name="Start EVSE 1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("EVSE")).to_have_value("1")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Start").click()


@pytest.mark.parametrize("station", VERSIONS)
@pytest.mark.requirement("F01", "F03")
def test_start_watch_and_stop(open_page: Opener, system: System, station: str) -> None:
    page = open_page(system, f"/stations/{station}")
    evse = page.locator("[data-evse='1']")
    expect(page.locator("#presence")).to_have_text("Online")
    expect(evse.locator(".state")).to_have_text("Available")
    expect(evse.locator(".power")).to_have_text(NOTHING)
    system.at(station, lambda here: here.plug_in(1))
    expect(evse.locator(".state")).to_have_text("Preparing")

    start_at_first_evse(page)
    expect(page.locator("#answer .word")).to_have_text("Accepted")
    expect(page.locator("#answer")).to_contain_text("RequestStartTransaction")
    expect(evse.locator(".state")).to_have_text("Charging")
    expect(evse.locator(".power")).to_have_text(KILOWATTS)
    expect(evse).to_contain_text(TOKEN)
    expect(page.locator("#chart .legend b").first).to_have_text(KILOWATTS)
    expect(page.locator("#chart canvas")).to_be_visible()

    page.get_by_role("button", name="Stop EVSE 1").click()
    expect(page.locator("#answer")).to_contain_text("RequestStopTransaction")
    expect(page.locator("#answer .word")).to_have_text("Accepted")
    expect(evse.locator(".power")).to_have_text(NOTHING)
    expect(evse.locator(".state")).to_have_text("Finishing")
    system.at(station, lambda here: here.unplug(1))
    expect(evse.locator(".state")).to_have_text("Available")

    page.get_by_role("tab", name="Transactions").click()
    row = page.locator("#transactions tr").first
    expect(row).to_contain_text("ended: Remote")
    row.get_by_role("link").first.click()
    expect(page.locator("#phase")).to_have_text("ended: Remote")
    expect(page.locator("#tiles")).to_contain_text(TOKEN)
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator("#events tr").first).to_contain_text("Ended")
    expect(page.locator("#values tr").nth(1)).to_be_visible()


def test_an_answer_that_is_no(open_page: Opener, system: System) -> None:
    page = open_page(system, "/stations/CS-21")
    page.get_by_role("button", name="Trigger").click()
    page.get_by_role("dialog").get_by_label("Message").select_option("LogStatusNotification")
    page.get_by_role("dialog").get_by_role("button", name="Trigger").click()
    expect(page.locator("#answer .word")).to_have_text(re.compile("NotImplemented|Rejected|Accepted"))


def test_what_the_station_cannot_do_is_said(open_page: Opener, system: System, complaints: Complaints) -> None:
    complaints.expected = ["422"]  # the browser reports the answer in its console
    page = open_page(system, "/stations/CS-16")
    page.get_by_role("button", name="Other").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Action").select_option("GetDisplayMessages")
    dialog.get_by_role("textbox").fill('{"requestId": 1}')
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator("#answer .answer.bad")).to_contain_text("GetDisplayMessages")


def test_the_overview_follows(open_page: Opener, system: System) -> None:
    page = open_page(system, "/")
    card = page.locator("[data-id='CS-201']")
    expect(card).to_contain_text("OCPP 2.0.1")
    expect(page.locator("#tile-connected")).to_have_text("3 of 3")
    system.at("CS-201", lambda here: here.plug_in(2))
    system.at("CS-201", lambda here: here.present_token(TOKEN, 2))
    expect(card).to_contain_text("Charging")
    expect(card).to_contain_text(re.compile(r"\d kW"))
    expect(page.locator("#tile-charging")).to_have_text("1")
    expect(page.locator("#states")).to_contain_text("Charging 1")
    expect(page.locator("#power-chart .legend b")).to_have_text(re.compile(r"[1-9].* kW"))
    page.get_by_role("button", name="Charging 1").click()
    expect(page.locator(".station")).to_have_count(1)
    system.at("CS-201", lambda here: here.present_token(TOKEN, 2))
    system.at("CS-201", lambda here: here.unplug(2))
    expect(page.locator("#tile-charging")).to_have_text("0")
