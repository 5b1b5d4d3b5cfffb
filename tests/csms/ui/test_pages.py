"""The shells of the pages: who gets them, what they hold, what may not get in."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from httpx import AsyncClient

from tests.csms.api.conftest import ADMIN_KEY, FakeContext, client_of, with_login
from voltgate.csms.api.app import create_api
from voltgate.csms.backoffice.operators import store as operators
from voltgate.csms.backoffice.operators.secrets import hash_password
from voltgate.csms.ui import pages
from voltgate.infrastructure.clock import to_ms
from voltgate.infrastructure.database import Work
from voltgate.infrastructure.database.outbox import Outbox

PATHS = [path for _, path, _ in pages.NAVIGATION]
STATIC = Path(pages.HERE / "static")


def app_of(context: FakeContext) -> Any:
    return create_api(context, outbox=Outbox(context.database, context.bus), rooms_routes=[], commands={}, pages=pages.PAGES)


@pytest.fixture
async def browser(context: FakeContext) -> Any:
    """A client that asks like a browser where no log-in is needed."""
    context.settings = with_login(False)
    async with client_of(app_of(context)) as client:
        client.base_url = "http://127.0.0.1"
        yield client


@pytest.fixture
async def stranger(context: FakeContext) -> Any:
    """A client without a session where log-in is needed."""
    async with client_of(app_of(context)) as client:
        yield client


async def log_in_as(client: AsyncClient, context: FakeContext, role: str) -> None:
    work = Work()
    values = {"name": role, "role": role, "password_hash": await hash_password("a-password"), "created_ms": to_ms(context.clock.now())}
    work.write(operators.ADD_OPERATOR, **values)
    await context.database.commit(work)
    answer = await client.post("/api/v1/session", json={"name": role, "password": "a-password"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", [*PATHS, "/stations/CS-1", "/transactions/CS-1/42"])
async def test_every_page_is_there(browser: AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.count("<h1") == 1
    assert '<html lang="en">' in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_the_navigation_marks_where_one_is(browser: AsyncClient, path: str) -> None:
    current = re.findall(r'href="([^"]+)" aria-current="page"', (await browser.get(path)).text)
    assert current == [path]


@pytest.mark.parametrize(("path", "section"), [("/stations/CS-1", "/"), ("/transactions/CS-1/42", "/transactions")])
async def test_a_page_below_belongs_to_its_section(browser: AsyncClient, path: str, section: str) -> None:
    assert re.findall(r'href="([^"]+)" aria-current="true"', (await browser.get(path)).text) == [section]


@pytest.mark.parametrize("path", [*PATHS, "/stations/CS-1", "/login"])
async def test_scripts_and_styles_are_our_files(browser: AsyncClient, path: str) -> None:
    html = (await browser.get(path)).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "<style" not in html
    assert " style=" not in html
    assert not re.search(r"\son[a-z]+=", html)
    for file in re.findall(r'(?:src|href)="(/static/[^"#]+)', html):
        assert (await browser.get(file)).status_code == 200, file


@pytest.mark.parametrize("path", ["/", "/login", "/static/js/shell.js"])
async def test_the_policy_of_the_browser(browser: AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"


async def test_files_are_checked_before_they_are_used_again(browser: AsyncClient) -> None:
    answer = await browser.get("/static/css/base.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["etag"]
    assert (await browser.get("/static/js/dom.js")).headers["content-type"].startswith(("text/javascript", "application/javascript"))


@pytest.mark.parametrize("path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/js", "/static/nothing.js"])
async def test_only_static_files_are_served(browser: AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/stations/{}", "/transactions/{}/42", "/transactions/CS-1/{}"])
@pytest.mark.parametrize("hostile", ['<script>alert("1")', "\"><img src=x onerror=alert('1')>", "{{ 7 * 7 }}"])
async def test_hostile_ids_stay_text(browser: AsyncClient, path: str, hostile: str) -> None:
    html = (await browser.get(path.format(quote(hostile, safe="")))).text
    assert hostile not in html or "{{" in hostile
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "49" not in html.replace("{{ 7 * 7 }}", "")


async def test_a_stranger_is_sent_to_log_in(stranger: AsyncClient) -> None:
    answer = await stranger.get("/stations/CS-1?a=b&c=d")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/login?next=/stations/CS-1%3Fa%3Db%26c%3Dd"


@pytest.mark.parametrize("path", PATHS)
async def test_no_page_is_forgotten(stranger: AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).headers["location"] == f"/login?next={path}"


async def test_log_in_and_files_are_for_everybody(stranger: AsyncClient) -> None:
    answer = await stranger.get("/login")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert (await stranger.get("/static/js/login.js")).status_code == 200


@pytest.mark.parametrize(("role", "commands", "operators"), [("viewer", False, False), ("operator", True, False), ("admin", True, True)])
async def test_pages_leave_out_what_a_role_may_not(
    stranger: AsyncClient, context: FakeContext, role: str, commands: bool, operators: bool
) -> None:
    await log_in_as(stranger, context, role)
    station, settings = (await stranger.get("/stations/CS-1")).text, (await stranger.get("/settings")).text
    assert f'data-role="{role}"' in station
    assert ('id="commands"' in station) is commands
    assert ('id="operators"' in settings) is operators
    assert ('id="add-token"' in (await stranger.get("/tokens")).text or 'id="add"' in (await stranger.get("/tokens")).text) is commands
    assert "Log out" in station


async def test_an_api_key_opens_pages_too(stranger: AsyncClient) -> None:
    assert (await stranger.get("/", headers={"authorization": f"Bearer {ADMIN_KEY}"})).status_code == 200


def test_scripts_stay_small_and_ask_nobody_else() -> None:
    for file in (STATIC / "js").glob("*.js"):
        text = file.read_text()
        assert len(text.splitlines()) < 300, file.name
        assert text.startswith("// "), f"{file.name} does not say what it is"
        assert "innerHTML" not in text, file.name
        assert not re.search(r"https?://(?!www\.w3\.org)", text), file.name


def test_imports_of_scripts_lead_somewhere() -> None:
    for file in (STATIC / "js").glob("*.js"):
        for names, source in re.findall(r'import \{([^}]+)\} from "\./([^"]+)"', file.read_text()):
            exported = (STATIC / "js" / source).read_text()
            for name in names.split(","):
                assert re.search(rf"export (async )?(const|function|class) {re.escape(name.strip().split(' as ')[0])}(?!\w)", exported), (
                    file.name,
                    name,
                    source,
                )


def test_foreign_scripts_come_with_licence_and_version() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert (folder / "LICENSE").is_file()
        assert (folder / "VERSION").is_file()
