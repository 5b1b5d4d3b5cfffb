"""How long to wait before connecting again (part 4 of 2.0.1 §5.3 and of 2.1 §5.4, with their errata).

The first attempt waits the minimum plus a random part. After each failure the wait without its random part doubles and gets a new
random part, but it doubles at most ``repeat_times`` times; from then on the last wait is kept for ever. Success starts over.
"""

import random
from collections.abc import Callable


class BackOff:
    """The waits of one station, in seconds.

    Named after OCPPCommCtrlr.RetryBackOffWaitMinimum, RetryBackOffRandomRange and RetryBackOffRepeatTimes.
    The text leaves open whether the random part doubles as well; here it does not.
    """

    def __init__(
        self,
        wait_minimum: float = 10.0,
        random_range: float = 10.0,
        repeat_times: int = 5,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """``draw`` gives a number from 0 to 1."""
        self.wait_minimum = wait_minimum
        self.random_range = random_range
        self.repeat_times = repeat_times
        self._draw = draw
        self._failures = 0
        self._last = 0.0

    def next(self) -> float:
        """Seconds to wait before the next attempt."""
        if self._failures <= self.repeat_times:
            self._last = self.wait_minimum * 2.0**self._failures + self.random_range * self._draw()
            self._failures += 1
        return self._last

    def reset(self) -> None:
        """The connection is up."""
        self._failures = 0
