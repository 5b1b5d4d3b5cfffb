"""Log-in, and what each role sees and may do."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, Opener
from tests.browser.system import System

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def log_in(page: Page, role: str, password: str | None = None) -> None:
    page.get_by_label("Name").fill(f"the-{role}")
    page.get_by_label("Password").fill(password or f"password-of-{role}")
    button = page.get_by_role("button", name="Log in")
    if password is not None:
        button.click()
        return
    with page.expect_event("load"):  # only then do buttons that come with the page have their scripts
        button.click()


def test_a_wrong_password_and_the_right_one(open_page: Opener, closed_system: System, complaints: Complaints) -> None:
    complaints.expected = ["401"]
    page = open_page(closed_system, "/transactions?station=CS-21")
    expect(page).to_have_title("Log in · voltgate")
    log_in(page, "viewer", "wrong-password")
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, "viewer")
    expect(page).to_have_url(f"{closed_system.url}/transactions?station=CS-21")
    expect(page.get_by_role("heading", level=1)).to_have_text("Transactions")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_title("Log in · voltgate")
    page.goto("/settings")
    expect(page).to_have_title("Log in · voltgate")


def test_a_viewer_sees_and_cannot_command(open_page: Opener, closed_system: System) -> None:
    page = open_page(closed_system, "/stations/CS-21")
    log_in(page, "viewer")
    expect(page.locator("#presence")).to_have_text("Online")
    expect(page.locator("[data-evse='1'] .state")).to_be_visible()
    for name in ("Start", "Reset", "Start EVSE 1", "Ask for a full report"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_role("tab", name="Settings")).to_have_count(0)
    refused = page.request.post("/api/v1/stations/CS-21/calls/Reset", data={"type": "Immediate"}, headers={"origin": closed_system.url})
    assert refused.status == 403
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Sites")).to_be_visible()
    expect(page.get_by_role("heading", name="Operators")).to_have_count(0)


def test_an_operator_commands(open_page: Opener, closed_system: System) -> None:
    page = open_page(closed_system, "/stations/CS-16")
    log_in(page, "operator")
    page.get_by_role("button", name="Clear cache").click()
    expect(page.locator("#answer .word")).to_have_text("Accepted")
    page.goto("/settings")
    expect(page.get_by_role("button", name="Add site")).to_be_visible()
    expect(page.get_by_role("heading", name="API keys")).to_have_count(0)


def test_an_admin_decides_who_gets_in(open_page: Opener, closed_system: System) -> None:
    page = open_page(closed_system, "/settings")
    log_in(page, "admin")
    expect(page.locator("#operators")).to_contain_text("the-viewer")
    page.get_by_role("button", name="Add operator").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("new-colleague")
    dialog.get_by_label("Password").fill("password-of-a-colleague")
    dialog.get_by_role("button", name="Add").click()
    row = page.locator("#operators tr").filter(has_text="new-colleague")
    expect(row).to_contain_text("viewer")
    page.get_by_role("button", name="Add key").click()
    dialog.get_by_label("Name").fill("billing")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("pre")).to_contain_text("vg_")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("#keys")).to_contain_text("billing")
    page.reload()
    expect(page.locator("#audit")).to_contain_text("POST /operators")
