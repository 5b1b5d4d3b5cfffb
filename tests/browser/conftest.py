"""One browser for all tests of pages; a page that complains in its console fails its test."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, expect, sync_playwright

from tests.browser.system import System

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESKTOP = ViewportSize(width=1360, height=900)
PHONE = ViewportSize(width=390, height=844)
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        asyncio._set_running_loop(browser._loop)
        browser.close()


@pytest.fixture(autouse=True)
def loop_of_the_browser(browser: Browser) -> Iterator[None]:
    """Playwright leaves its loop marked as running in this thread; between the tests here, others must be able to run theirs."""
    asyncio._set_running_loop(browser._loop)
    yield
    asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system without log-in."""
    system = System(tmp_path_factory.mktemp("open"), login_required=False)
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def closed_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with log-in, and one operator of each role."""
    system = System(tmp_path_factory.mktemp("closed"), login_required=True)
    system.start()
    with system.api() as api:
        for role in ("viewer", "operator", "admin"):
            api.post("/operators", json={"name": f"the-{role}", "role": role, "password": f"password-of-{role}"}).raise_for_status()
    yield system
    system.stop()


class Complaints:
    """What pages complained about: errors and warnings of the console, exceptions, requests that failed or left the machine."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.expected: list[str] = []

    def listen(self, page: Page, home: str) -> None:
        """Hear what `page` says from now on; `home` is where its requests may go."""

        def console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self._hear(f"console: {message.text} ({message.location.get('url')})")

        def failed(request: Request) -> None:
            # A page that is left gives up its requests.
            if "ERR_ABORTED" not in (request.failure or ""):
                self._hear(f"request: {request.method} {request.url}: {request.failure}")

        def left(request: Request) -> None:
            if not request.url.startswith((home, "data:", "blob:")):
                self._hear(f"foreign request: {request.url}")

        page.on("console", console)
        page.on("pageerror", lambda error: self._hear(f"exception: {error}"))
        page.on("requestfailed", failed)
        page.on("request", left)

    def _hear(self, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.heard.append(text)


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fails the test if any page complained; a test names what it expects in `expected`."""
    complaints = Complaints()
    yield complaints
    assert complaints.heard == []


Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, complaints: Complaints) -> Iterator[Opener]:
    """Opens pages: ``open_page(system, "/map", viewport=PHONE)``; each in a context of its own, unless one is given."""
    contexts: list[BrowserContext] = []

    def open_page(
        system: System, path: str, *, context: BrowserContext | None = None, viewport: ViewportSize = DESKTOP, **options: object
    ) -> Page:
        if context is None:
            context = browser.new_context(base_url=system.url, viewport=viewport, reduced_motion="reduce", **options)
            contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints.listen(page, system.url)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
