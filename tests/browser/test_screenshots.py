"""The pictures of the documentation, taken from the demonstration: ``make screenshots``."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.system import System
from voltgate.demo.scene import TOKENS, furnish, specs
from voltgate.station.fleet import Fleet

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not os.environ.get("VOLTGATE_SCREENSHOTS"), reason="draws pictures: set VOLTGATE_SCREENSHOTS=1"),
]

FOLDER = Path(__file__).parents[2] / "docs" / "images"
WARM_UP_SECONDS = float(os.environ.get("VOLTGATE_SCREENSHOTS_AFTER", "150"))
SHOWN = "RTM-02"
VIEWS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}


class Demo(System):
    """The demonstration, with cars that come and go."""

    def furnish(self) -> Fleet:
        passwords = self.run(furnish(self.url))
        cards = [token for token, kind, _ in TOKENS if kind == "ISO14443"]
        return Fleet(specs(self._csms.ocpp_url, passwords), time_factor=30, seed=4, tokens=cards, arrivals_per_hour=2)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demonstration after a while, with a fault and a stranger's card."""
    demo = Demo(tmp_path_factory.mktemp("demo"), login_required=False)
    demo.start()
    time.sleep(WARM_UP_SECONDS)
    demo.at("BRU-03", lambda here: here.fault(2, "GroundFailure"))
    demo.at("CGN-04", lambda here: here.fault(1, "ConnectorLockFailure"))
    time.sleep(1)
    yield demo
    demo.stop()


def address_of_a_transaction(demo: Demo) -> str:
    """The open transaction that has charged longest."""
    with demo.api() as api:
        found = api.get("/transactions", params={"open": True, "limit": 100}).json()["items"]
    charging = [one for one in found if one["charging_state"] == "Charging"] or found
    oldest = min(charging, key=lambda one: one["started_at"])
    return f"/transactions/{oldest['station_id']}/{oldest['transaction_id']}"


def open_a_frame(page: Page) -> None:
    """The newest call, opened."""
    page.get_by_label("Search in frames").fill("Started")
    expect(page.locator("mark").first).to_be_visible()
    page.locator("details.frame summary").first.click()


@pytest.mark.parametrize("view", VIEWS)
def test_draw(open_page: Opener, demo: Demo, view: str) -> None:
    viewport, scheme = VIEWS[view]
    paths = {name: f"/{name}" for name in ("map", "transactions", "tokens", "messages", "alarms", "settings", "login")}
    paths |= {"overview": "/", "station": f"/stations/{SHOWN}", "transaction": address_of_a_transaction(demo)}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        page = open_page(demo, path, viewport=viewport, color_scheme=scheme)
        expect(page.locator("[aria-busy=true], .skeleton")).to_have_count(0)
        page.wait_for_load_state("load")
        if name == "messages":
            open_a_frame(page)
        page.wait_for_timeout(500)
        page.screenshot(path=FOLDER / f"{name}-{view}.png", animations="disabled")
        page.close()
