"""What lies in Redis is read as plain values, and never run."""

from __future__ import annotations

import pickle

import pytest

from config.cached import AsJson


@pytest.mark.parametrize("value", [0, 17, -3, True, None, "a word", [1.5, 2.5], {"a": ["b", None]}])
def test_plain_values_come_back(value: object) -> None:
    kept = AsJson().dumps(value)
    # Redis hands a whole number back as its digits.
    raw = str(kept).encode() if type(kept) is int else kept
    assert AsJson().loads(raw) == value


def test_a_pickle_is_none_of_ours() -> None:
    with pytest.raises(ValueError):
        AsJson().loads(pickle.dumps(print))
