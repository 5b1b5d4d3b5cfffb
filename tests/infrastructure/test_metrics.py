"""The figures and their names."""

from voltgate.infrastructure.metrics import Metrics


def test_figures_are_exposed_by_name() -> None:
    metrics = Metrics()
    metrics.message("1.6", "Heartbeat", "in", "answered")
    metrics.message("1.6", "Heartbeat", "in", "answered")
    metrics.link_opened("1.6")
    metrics.link_opened("2.1")
    metrics.link_closed("2.1")
    metrics.call_answered("Reset", 0.2)
    metrics.commit(30, 0.004)
    metrics.outbox_lag({"webhooks": 5})
    lines = metrics.exposition().decode().splitlines()
    for line in (
        'voltgate_messages_total{action="Heartbeat",direction="in",outcome="answered",version="1.6"} 2.0',
        'voltgate_links_open{version="1.6"} 1.0',
        'voltgate_links_open{version="2.1"} 0.0',
        'voltgate_call_seconds_bucket{action="Reset",le="0.25"} 1.0',
        'voltgate_commit_seconds_bucket{le="0.005"} 1.0',
        'voltgate_commit_units_bucket{le="25.0"} 0.0',
        'voltgate_outbox_lag{consumer="webhooks"} 5.0',
    ):
        assert line in lines


def test_two_programs_do_not_mix_their_figures() -> None:
    one, other = Metrics(), Metrics()
    one.link_opened("1.6")
    assert b'version="1.6"' not in other.exposition()
