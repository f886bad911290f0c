from __future__ import annotations

import copy
import json
import pickle

import msgspec
import pytest

from conure.errors import ConfigurationError
from conure.messages import AIMessage, UsageMetadata, add_usage
from conure.messages.usage import InputTokenDetails, reported_usage, to_usage

COUNTS = {
    "input_tokens": 3,
    "output_tokens": 4,
    "total_tokens": 7,
    "input_token_details": {"cache_read": 2, "flex": 1},
}


def test_counts_are_a_dict_and_attributes():
    usage = AIMessage("", usage_metadata=COUNTS).usage_metadata
    assert usage == COUNTS
    assert usage.input_tokens == usage["input_tokens"] == 3
    assert usage.input_token_details.cache_read == 2
    assert usage["input_token_details"]["flex"] == usage.input_token_details.flex == 1


def test_what_nobody_reported_reads_as_zero_and_is_not_in_the_dict():
    usage = UsageMetadata(input_tokens=1)
    assert usage.output_tokens == 0
    assert usage.input_token_details.cache_read == 0
    assert usage.output_token_details.reasoning == 0
    assert usage == {"input_tokens": 1}


def test_details_given_as_a_plain_dict_answer_to_attributes_too():
    assert UsageMetadata(input_token_details={"audio": 5}).input_token_details.audio == 5


def test_a_misspelt_count_is_named():
    with pytest.raises(AttributeError, match=r"inptu_tokens.*it has input_tokens"):
        _ = UsageMetadata(input_tokens=1).inptu_tokens
    with pytest.raises(AttributeError):
        _ = InputTokenDetails()._private


def test_counts_are_json_and_can_be_copied():
    usage = to_usage(COUNTS)
    assert json.loads(json.dumps(usage)) == COUNTS
    assert msgspec.json.decode(msgspec.json.encode(usage)) == COUNTS
    for made in (copy.copy(usage), copy.deepcopy(usage), pickle.loads(pickle.dumps(usage))):
        assert made == COUNTS
        assert made.input_token_details.cache_read == 2
    assert repr(usage) == repr(COUNTS)


def test_counts_add_key_by_key():
    assert to_usage(COUNTS) + to_usage(COUNTS) == {
        "input_tokens": 6,
        "output_tokens": 8,
        "total_tokens": 14,
        "input_token_details": {"cache_read": 4, "flex": 2},
    }
    assert add_usage(None, COUNTS) == add_usage(COUNTS, None) == COUNTS
    assert add_usage(COUNTS, {"input_tokens": 0, "cost": "low"})["cost"] == "low"


def test_a_missing_total_is_the_sum():
    assert reported_usage({"input_tokens": 1, "output_tokens": 2}).total_tokens == 3
    assert reported_usage({"output_tokens": 2}) == {
        "input_tokens": 0,
        "output_tokens": 2,
        "total_tokens": 2,
    }


@pytest.mark.parametrize(
    "given,said",
    [
        (3, "must be a dict with input_tokens"),
        ({"input_tokens": 1, "output_tokens": 2}, "'total_tokens'. must be an int.*missing"),
        (COUNTS | {"input_tokens": "3"}, "'input_tokens'. must be an int.*'3'"),
        (COUNTS | {"input_token_details": 3}, "input_token_details.*dict of counts"),
    ],
)
def test_counts_given_by_hand_are_checked(given, said):
    with pytest.raises(ConfigurationError, match=said):
        AIMessage("", usage_metadata=given)


def test_details_of_none_are_none_reported():
    assert "input_token_details" not in to_usage(COUNTS | {"input_token_details": None})


def test_what_is_not_reported_takes_nothing_away():
    assert add_usage(COUNTS, {"input_token_details": None})["input_token_details"]["flex"] == 1
