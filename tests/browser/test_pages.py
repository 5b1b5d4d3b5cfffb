"""Every page: it fills itself without a complaint, fits a phone, can be used without a mouse, and can be read aloud."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE, Complaints, Opener
from tests.browser.system import TOKEN, System

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATHS = ("/", "/map", "/stations/CS-21", "/transactions", "/tokens", "/messages", "/alarms", "/settings")

NAMELESS = """() => {
  const seen = (element) => element.getClientRects().length > 0;
  const named = (element) => (element.getAttribute("aria-label") || element.textContent || "").trim() !== "";
  const inputs = [...document.querySelectorAll("input, select, textarea")].filter((one) => !one.labels.length);
  const buttons = [...document.querySelectorAll("button, a[href], [role=tab]")].filter((one) => seen(one) && !named(one));
  const tables = [...document.querySelectorAll("table")].filter((one) => !one.caption);
  const heads = [...document.querySelectorAll("th")].filter((one) => !named(one));
  const doubles = [...document.querySelectorAll("[id]")].filter((one) => document.querySelectorAll(`#${CSS.escape(one.id)}`).length > 1);
  return [...inputs, ...buttons, ...tables, ...heads, ...doubles].map((one) => one.outerHTML.slice(0, 120));
}"""


def filled(page: Page) -> Page:
    """Wait until the page has filled itself."""
    expect(page.locator("[aria-busy=true], .skeleton")).to_have_count(0)
    expect(page.locator("h1")).to_be_visible()
    return page


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true; Playwright's own way needs `eval`, which our pages forbid."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_and_has_names(open_page: Opener, system: System, path: str) -> None:
    page = filled(open_page(system, path))
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        until(page, "document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").count() == 1


def test_the_navigation_of_a_phone(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/", viewport=PHONE))
    items = page.get_by_role("navigation").get_by_role("link")
    assert items.count() == 7
    for index in range(items.count()):
        name = items.nth(index).inner_text().strip()
        items.nth(index).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(items.nth(index)).to_have_attribute("aria-current", "page")


def test_keyboard(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/"))
    page.keyboard.press("/")
    search = page.get_by_label("Search stations")
    expect(search).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("a.station").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{system.url}/stations/CS-16")
    expect(page.get_by_role("heading", level=1)).to_have_text("CS-16")
    filled(page)
    page.get_by_role("tab", name="Frames").focus()
    for key, name in (
        ("ArrowRight", "Variables"),
        ("ArrowRight", "Transactions"),
        ("End", "Settings"),
        ("ArrowRight", "Frames"),
        ("ArrowLeft", "Settings"),
    ):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=name)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()


def test_a_dialog_keeps_the_focus_and_escape_closes_it(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/tokens"))
    add = page.get_by_role("button", name="Add token")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Token", exact=True)).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)"
        )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(add).to_be_focused()


def test_an_update_keeps_focus_and_open_frames(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/stations/CS-21"))
    frame = page.locator("details.frame").first
    frame.locator("summary").click()
    expect(frame.locator("pre.json").first).to_be_visible()
    start = page.get_by_role("button", name="Start EVSE 2")
    start.focus()
    system.at("CS-21", lambda here: here.plug_in(2))
    expect(page.locator("[data-evse='2'] .state")).to_have_text("Preparing")
    expect(start).to_be_focused()
    expect(page.get_by_role("button", name="new · show")).to_be_visible()
    assert frame.evaluate("element => element.open")
    system.at("CS-21", lambda here: here.unplug(2))
    expect(page.locator("[data-evse='2'] .state")).to_have_text("Available")


def test_light_and_dark(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/", color_scheme="light"))
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate(background)
    assert light != dark
    page.reload()
    assert page.evaluate(background) == dark


def test_search_in_frames(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/messages"))
    page.keyboard.press("/")
    page.keyboard.type("chargepointvendor")
    expect(page.locator("details.frame")).to_have_count(1)
    frame = page.locator("details.frame")
    expect(frame.locator(".who")).to_have_text("CS-16")
    expect(frame.locator(".preview mark")).to_have_text("chargePointVendor")
    frame.locator("summary").click()
    expect(frame.locator("pre mark").first).to_have_text("chargePointVendor")
    expect(frame).to_contain_text("The same in OCPP 2.1")
    expect(page).to_have_url(f"{system.url}/messages?search=chargepointvendor")
    page.reload()
    expect(page.locator("details.frame")).to_have_count(1)


def test_a_call_leads_to_its_answer(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/messages?station=CS-201&action=BootNotification"))
    expect(page.locator("details.frame")).to_have_count(2)
    answer, call = page.locator("details.frame").nth(0), page.locator("details.frame").nth(1)
    call.locator("summary").click()
    call.get_by_role("button", name="Go to its answer").click()
    expect(answer.locator("summary")).to_be_focused()
    expect(answer.locator("pre.json").first).to_contain_text("Accepted")


@pytest.mark.parametrize(("station", "variable"), [("CS-16", "HeartbeatInterval"), ("CS-21", "HeartbeatInterval")])
@pytest.mark.requirement("B05")
def test_set_a_variable(open_page: Opener, system: System, station: str, variable: str) -> None:
    page = filled(open_page(system, f"/stations/{station}"))
    page.get_by_role("tab", name="Variables").click()
    page.get_by_role("button", name="Ask for a full report").click()
    page.get_by_label("Search", exact=True).fill(variable)
    row = page.locator("#variables tr").first
    expect(row).to_contain_text(variable)
    row.get_by_role("button", name="Set").click()
    page.get_by_role("dialog").get_by_label("New value").fill("123")
    page.get_by_role("dialog").get_by_role("button", name="Set").click()
    expect(row.locator(".badge")).to_have_text("done")
    expect(row.locator("td").nth(2)).to_contain_text("123")


def test_tokens_are_added_changed_and_removed(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/tokens"))
    expect(page.locator("#rows")).to_contain_text(TOKEN)
    page.get_by_role("button", name="Add token").click()
    page.get_by_role("dialog").get_by_label("Token", exact=True).fill("<b>NEW")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    row = page.locator("#rows tr").filter(has_text="<b>NEW")
    expect(row).to_contain_text("Accepted")
    row.get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_label("Status").select_option("Blocked")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Blocked")
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_an_alarm_is_seen_and_cleared(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/alarms"))
    system.at("CS-21", lambda here: here.plug_in(1))
    system.at("CS-21", lambda here: here.present_token("NOBODY-KNOWS-ME", 1))
    system.at("CS-16", lambda here: here.fault(1, "GroundFailure"))
    row = page.locator("#rows tr").filter(has_text="CS-16").first
    expect(row).to_contain_text("open")
    expect(page.locator("#alarm-count")).to_be_visible()
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("seen by demo")
    row.get_by_role("button", name="Clear").click()
    system.at("CS-16", lambda here: here.fault(1, None))
    system.at("CS-21", lambda here: here.unplug(1))
    page.get_by_label("State").select_option("false")
    expect(page.locator("#rows")).to_contain_text("cleared by")


def test_a_station_that_is_not_there(open_page: Opener, system: System, complaints: Complaints) -> None:
    complaints.expected = ["404"]  # the browser reports the answer in its console
    page = open_page(system, "/stations/%3Cscript%3Ealert(1)")
    expect(page.get_by_role("alert")).to_contain_text("Not found")


def test_the_map(open_page: Opener, system: System) -> None:
    page = filled(open_page(system, "/map"))
    expect(page.locator("#map path.country").first).to_be_attached()
    page.locator("#places").get_by_role("button", name="Harbour").click()
    expect(page.locator(".leaflet-popup")).to_contain_text("3 stations")
    page.locator(".leaflet-popup").get_by_role("link", name="CS-21").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("CS-21")
