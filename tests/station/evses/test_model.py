from itertools import product

import pytest

from voltgate.station.evses import STATES, Facts, state_of


@pytest.mark.parametrize("facts", [Facts(*bits) for bits in product((False, True), repeat=5)])
def test_exactly_one_row_fits_any_facts(facts: Facts) -> None:
    fitting = [row for row in STATES if all(want is None or want == have for want, have in zip(row[:5], facts, strict=True))]
    assert fitting == [state_of(facts)]


@pytest.mark.parametrize("facts", [Facts(*bits) for bits in product((False, True), repeat=5)])
def test_the_contactor_closes_only_when_all_agree(facts: Facts) -> None:
    closed = state_of(facts).closed
    assert closed == (not facts.fault and facts.plugged and facts.authorised and facts.offered)
