"""``voltgate call`` and ``voltgate log``: two clients of a running central system's HTTP API."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import typer

DEFAULT_URL = "http://127.0.0.1:8080"
KEY_VARIABLE = "VOLTGATE_ADMIN_KEY"

Url = Annotated[str, typer.Option(help="The central system's HTTP address.")]
Key = Annotated[str | None, typer.Option(help=f"API key; else from {KEY_VARIABLE}.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("call")(call)
    app.command("log")(log)


def call(
    station: Annotated[str, typer.Argument(help="Identity of the station.")],
    action: Annotated[str, typer.Argument(help="Action of OCPP 2.1, e.g. GetVariables; with --wire of the station's own version.")],
    body: Annotated[str, typer.Argument(metavar="JSON", help="The request; - reads standard input.")] = "{}",
    wire: Annotated[bool, typer.Option(help="Send the body as it is, in the station's own version.")] = False,
    timeout: Annotated[float | None, typer.Option(help="Seconds to wait for the answer.")] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
) -> None:
    """Ask a station something and print its answer."""
    content = sys.stdin.read() if body == "-" else body
    path = f"/stations/{quote(station, safe='')}/{'wire-calls' if wire else 'calls'}/{quote(action, safe='')}"
    parameters = {} if timeout is None else {"timeout": timeout}
    with _client(url, key) as client:
        answer = _checked(client, "POST", path, content=content, params=parameters, headers={"content-type": "application/json"})
    typer.echo(json.dumps(answer.json(), indent=2, ensure_ascii=False))


def log(
    station: Annotated[str | None, typer.Option(help="Only this station.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="CALL|CALLRESULT|CALLERROR|CALLRESULTERROR|SEND|BROKEN")] = None,
    search: Annotated[str | None, typer.Option(help="Only frames with this text.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many of the last frames.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new frames as they come.")] = False,
    as_json: Json = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
) -> None:
    """Show the frames that went over the wire, oldest first."""
    wanted = {"station": station, "action": action, "kind": kind, "search": search}
    with _client(url, key) as client:
        parameters = {name: value for name, value in wanted.items() if value is not None} | {"limit": limit}
        seen = _checked(client, "GET", "/messages", params=parameters).json()["items"]
        for message in reversed(seen):
            _show(message, as_json)
        if follow:
            for message in _live(client):
                if _fits(message, wanted):
                    _show(message, as_json)


def _client(url: str, key: str | None) -> Any:
    import httpx

    key = key or os.environ.get(KEY_VARIABLE)
    if key and not (key.isascii() and key.isprintable()):
        raise typer.BadParameter("a key has plain ASCII characters only", param_hint="--key")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=httpx.Timeout(10, read=320))


def _checked(client: Any, method: str, path: str, **request: Any) -> Any:
    import httpx

    try:
        answer = client.request(method, path, **request)
    except httpx.HTTPError as error:
        typer.echo(f"{client.base_url}: {error}; is `voltgate csms` running there? Say where with --url", err=True)
        raise typer.Exit(1) from error
    if answer.is_error:
        typer.echo(_problem(answer), err=True)
        raise typer.Exit(1)
    return answer


def _problem(answer: Any) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.reason_phrase}"
    field = f" ({problem['field']})" if problem.get("field") else ""
    code = f" [{problem['ocpp_code']}]" if problem.get("ocpp_code") else ""
    detail = f": {problem['detail']}" if problem.get("detail") else ""
    hint = f"; give a key with --key or in {KEY_VARIABLE}" if answer.status_code == 401 else ""
    return f"{answer.status_code} {problem.get('title')}{detail}{field}{code}{hint}"


def _live(client: Any) -> Iterator[dict[str, Any]]:
    with client.stream("GET", "/events", params={"topics": "message"}, timeout=None) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                yield json.loads(line[5:])


def _fits(message: dict[str, Any], wanted: dict[str, Any]) -> bool:
    same = (("station_id", "station"), ("action", "action"), ("kind", "kind"))
    if any(wanted[name] is not None and message.get(member) != wanted[name] for member, name in same):
        return False
    return wanted["search"] is None or wanted["search"].casefold() in str(message.get("raw")).casefold()


def _show(message: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(message, ensure_ascii=False))
        return
    arrow = ">" if message["direction"] == "in" else "<"
    note = f"   # {message['note']}" if message.get("note") else ""
    typer.echo(f"{message.get('at') or message.get('at_ms')} {message['station_id']} {arrow} {message['raw']}{note}")
