"""The dialect of 2.1, which is our own language: nothing is translated."""

from voltgate.ocpp.actions import ACTIONS
from voltgate.ocpp.dialects import Memoryless
from voltgate.ocpp.dialogue import Dialogue, Talk
from voltgate.ocpp.messages import Answer, Request
from voltgate.ocpp.traits import Traits, said_by_csms


def repeat(request: Request, talk: Talk[None]) -> Dialogue:
    """Pass the request and its answer on as they are."""
    answer: Answer | None = yield request
    return answer


class Dialect21(Memoryless):
    """The identity."""

    traits = Traits(
        version="2.1",
        hears=said_by_csms(ACTIONS["2.1"]),
        numbers_events=True,
        reports_device_model=True,
        answers_broken_results=True,
        raw_password=False,
    )
    hear_station = staticmethod(repeat)
    say_station = staticmethod(repeat)
    hear_csms = staticmethod(repeat)
    say_csms = staticmethod(repeat)
