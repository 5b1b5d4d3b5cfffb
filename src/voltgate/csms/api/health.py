"""For those who watch over the program: is it alive, is it ready, what does it count. Outside ``/api/v1``, open to everybody."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get
from msgspec import Struct

from voltgate.csms.api.access import PUBLIC

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Health(Struct, frozen=True):
    """The state of the program in one word."""

    status: str


def health_routes(is_ready: Callable[[], bool], metrics: Callable[[], bytes]) -> list[Any]:
    """The routes, over a question to the composition root and the metrics in Prometheus' text format."""

    @get("/healthz", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
    def healthz() -> Health:
        return Health("alive")

    @get("/readyz", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
    def readyz() -> Response[Health]:
        return Response(Health("ready")) if is_ready() else Response(Health("starting"), status_code=503)

    @get("/metrics", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
    def show_metrics() -> Response[bytes]:
        return Response(metrics(), media_type=METRICS_TYPE)

    return [healthz, readyz, show_metrics]
