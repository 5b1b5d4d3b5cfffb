"""Cursors survive the trip and nothing else gets in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltgate.csms.api.pagination import Page, decode_cursor, encode_cursor, page_of
from voltgate.csms.api.problems import BadRequest

keys = st.lists(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**63), 2**63 - 1), st.none()), min_size=1)


@given(keys)
def test_a_cursor_comes_back_as_it_went(values: list[str | int | None]) -> None:
    text = encode_cursor(values)
    assert decode_cursor(text) == values
    assert all(character.isalnum() or character in "-_" for character in text)


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None, int) is None


@given(st.text())
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decode_cursor(text)
    assert caught.value.field == "cursor"


def test_one_changed_letter_is_noticed() -> None:
    text = encode_cursor([1700000000000, "CS-1"])
    for place in range(len(text) - 1):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(BadRequest):
            decode_cursor(changed)


@pytest.mark.parametrize("kinds", [(str,), (int, int), (str, int)])
def test_a_cursor_of_another_list_is_refused(kinds: tuple[type, ...]) -> None:
    with pytest.raises(BadRequest, match="another list"):
        decode_cursor(encode_cursor([5, "x"]), *kinds)


def test_the_last_page_has_no_cursor() -> None:
    assert page_of([1, 2], 2, lambda n: (n,)) == Page([1, 2], None)
    assert page_of([], 2, lambda n: (n,)) == Page([], None)


def test_one_item_more_makes_a_next_page() -> None:
    page = page_of([1, 2, 3], 2, lambda n: (n,))
    assert page.items == [1, 2]
    assert decode_cursor(page.next_cursor, int) == [2]
