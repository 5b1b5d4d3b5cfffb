"""The HTTP application: the routes of all rooms below ``/api/v1``, one guard, one way to answer errors."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.plugins.core import MsgspecDIPlugin

from voltgate.csms.api import docs
from voltgate.csms.api.access import API, Access
from voltgate.csms.api.answering import HANDLERS, AnyRequest
from voltgate.csms.api.auditing import auditor
from voltgate.csms.api.calls import Command, call_routes
from voltgate.csms.api.events import event_routes
from voltgate.csms.api.headers import protect
from voltgate.csms.api.health import health_routes
from voltgate.csms.api.injected import Operator
from voltgate.csms.api.openapi import openapi_config, show_openapi
from voltgate.csms.backoffice.operators import Logins
from voltgate.csms.backoffice.routes import ROUTES as BACKOFFICE_ROUTES
from voltgate.csms.context import Context
from voltgate.infrastructure.database.outbox import Outbox

MAX_BODY_BYTES = 1024 * 1024
COMPRESSED_FROM_BYTES = 2048


def create_api(
    context: Context,
    *,
    outbox: Outbox,
    rooms_routes: Sequence[Any],
    commands: Mapping[str, Command],
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Callable[[], bytes] = lambda: b"",
    pages: Sequence[Any] = (),
) -> Litestar:
    """The application over the routes of the rooms (paths below ``/api/v1``) and the pages (paths from the root).

    `commands` are what rooms do for an action (`Command`), `metrics` gives Prometheus' text, `is_ready` tells when stations are served.
    """
    logins = Logins(context)
    api = Router(API, route_handlers=[*rooms_routes, *BACKOFFICE_ROUTES, *call_routes(commands), *event_routes(outbox), show_openapi])
    return _Application(
        [api, *health_routes(is_ready, metrics), *pages],
        guards=[Access(context).guard],
        dependencies={
            "context": Provide(lambda: context, sync_to_thread=False),
            "operator": Provide(_operator, sync_to_thread=False),
            "logins": Provide(lambda: logins, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        before_send=[protect, auditor(context)],
        compression_config=CompressionConfig("gzip", minimum_size=COMPRESSED_FROM_BYTES, gzip_compress_level=5, exclude_opt_key="streams"),
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=openapi_config(docs.render),
        logging_config=None,
    )


class _Application(Litestar):
    """Litestar without its support for Pydantic, which would be imported (0.1 s) wherever it happens to be installed."""

    @staticmethod
    def _get_default_plugins(plugins: list[Any]) -> list[Any]:
        return [*plugins, MsgspecDIPlugin()]


def _operator(request: AnyRequest) -> Operator:
    """Who the guard let in."""
    operator: Operator = request.scope["user"]
    return operator
