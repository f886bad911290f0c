"""Configs: filling, checking, merging, inheriting."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.runnables.config import (
    AMBIENT,
    Callbacks,
    ambient,
    ensure_config,
    get_config_list,
    merge_configs,
    patch_config,
    resolve,
)


def test_nothing_said_is_none() -> None:
    assert resolve(None) is None


def test_ensure_config_fills_defaults() -> None:
    assert ensure_config() == {
        "tags": [],
        "metadata": {},
        "callbacks": None,
        "recursion_limit": 25,
        "configurable": {},
    }


def test_ensure_config_copies_what_it_was_given() -> None:
    given: Any = {"tags": ["a"], "metadata": {"b": 1}, "configurable": {"c": 2}}
    full: Any = ensure_config(given)
    full["tags"].append("x")
    full["metadata"]["x"] = full["configurable"]["x"] = 1
    assert given == {"tags": ["a"], "metadata": {"b": 1}, "configurable": {"c": 2}}


def test_of_the_configurable_values_only_model_becomes_metadata() -> None:
    full = ensure_config({"configurable": {"model": "m", "thread_id": "t", "api_key": "k"}})
    assert full.get("metadata") == {"model": "m"}


def test_metadata_given_wins_over_the_configured_model() -> None:
    full = ensure_config({"metadata": {"model": "mine"}, "configurable": {"model": "m"}})
    assert full.get("metadata") == {"model": "mine"}


@pytest.mark.parametrize(
    "key,value",
    [
        ("tags", "one"),
        ("tags", [1]),
        ("metadata", ["a"]),
        ("callbacks", object()),
        ("run_name", 3),
        ("run_id", "not a uuid"),
        ("max_concurrency", 0),
        ("max_concurrency", True),
        ("max_concurrency", 2.5),
        ("recursion_limit", 0),
        ("configurable", "x"),
    ],
)
def test_values_of_the_wrong_kind_are_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=key):
        ensure_config({key: value})  # type: ignore[misc]


def test_a_config_that_is_no_dict_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="must be a dict, not str"):
        ensure_config("tags")  # type: ignore[arg-type]


def test_a_misspelt_key_is_moved_and_said() -> None:
    with pytest.warns(UserWarning, match="'tag' in config: did you mean 'tags'"):
        full = ensure_config({"tag": ["a"], "configurable": {"b": 1}})  # type: ignore[typeddict-unknown-key]
    assert full.get("configurable") == {"tag": ["a"], "b": 1}
    assert "tag" not in full


def test_an_unlike_key_gets_no_suggestion() -> None:
    with pytest.warns(UserWarning, match="'thread_id' in config; moved"):
        ensure_config({"thread_id": 1})  # type: ignore[typeddict-unknown-key]


def test_merge_adds_up_or_lets_the_later_win() -> None:
    merged = merge_configs(
        {"tags": ["b", "a"], "metadata": {"x": 1, "y": 1}, "run_name": "one", "max_concurrency": 2},
        None,
        {"tags": ["c", "a"], "metadata": {"y": 2}, "run_name": "two"},
        {"run_name": None, "configurable": {"k": 1}},  # type: ignore[typeddict-item]
    )
    assert merged == {
        "tags": ["a", "b", "c"],
        "metadata": {"x": 1, "y": 2},
        "run_name": "two",
        "max_concurrency": 2,
        "configurable": {"k": 1},
    }


def test_an_explicit_recursion_limit_wins_even_at_the_default() -> None:
    assert merge_configs({"recursion_limit": 7}, {"recursion_limit": 25}) == {"recursion_limit": 25}
    assert merge_configs({"recursion_limit": 7}, ensure_config()).get("recursion_limit") == 7


def test_handlers_add_up_but_the_same_one_only_once() -> None:
    one, two = SimpleNamespace(), SimpleNamespace()
    merged = merge_configs({"callbacks": [one, two]}, {"callbacks": [two, one]})
    assert merged.get("callbacks") == [one, two]


def test_a_list_and_a_manager_combine() -> None:
    one, two = SimpleNamespace(), SimpleNamespace()
    parent = uuid.uuid4()
    manager = Callbacks([one], parent)
    for pair in ([manager, [two]], [[two], manager]):
        merged: Callbacks = merge_configs(*({"callbacks": given} for given in pair))["callbacks"]
        assert set(map(id, merged.handlers)) == {id(one), id(two)}
        assert merged.parent_run_id == parent


def test_a_foreign_manager_is_read() -> None:
    one, two, parent = SimpleNamespace(), SimpleNamespace(), uuid.uuid4()
    manager = SimpleNamespace(
        handlers=[one],
        inheritable_handlers=[two],
        parent_run_id=parent,
        tags=["here"],
        inheritable_tags=["below"],
        inheritable_metadata={"m": 1},
    )
    config = resolve({"callbacks": manager, "tags": ["mine"]})
    assert config is not None
    assert config.get("tags") == ["below", "mine"]
    assert config.get("metadata") == {"m": 1}
    read = Callbacks.of(manager)
    assert (read.handlers, read.inheritable_handlers) == ((one, two), (two,))
    assert (read.parent_run_id, read.tags) == (parent, ("here",))


def test_handlers_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="list of handlers"):
        Callbacks.of(3)


def test_patching_callbacks_drops_what_named_the_old_run() -> None:
    config = patch_config(
        {"run_name": "a", "run_id": uuid.uuid4(), "configurable": {"x": 1}},
        callbacks=[],
        configurable={"y": 2},
        recursion_limit=3,
        max_concurrency=4,
    )
    assert "run_name" not in config
    assert "run_id" not in config
    assert config.get("configurable") == {"x": 1, "y": 2}
    assert config.get("recursion_limit") == 3
    assert config.get("max_concurrency") == 4
    assert patch_config(config, run_name="b").get("run_name") == "b"


def test_a_list_of_configs_must_fit() -> None:
    assert [c.get("tags") for c in get_config_list([{"tags": ["a"]}, {}], 2)] == [["a"], []]
    with pytest.raises(ConfigurationError, match="1 configs for 2 inputs"):
        get_config_list([{}], 2)
    with pytest.raises(ConfigurationError, match="length"):
        get_config_list(None, -1)
    assert get_config_list(None, 0) == []


def test_one_run_id_names_one_run() -> None:
    run_id = uuid.uuid4()
    with pytest.warns(UserWarning, match="only the first"):
        first, second = get_config_list({"run_id": run_id}, 2)
    assert first.get("run_id") == run_id
    assert "run_id" not in second


def test_ambient_is_laid_under_what_is_given() -> None:
    one, two = SimpleNamespace(), SimpleNamespace()
    with ambient({"tags": ["outer"], "metadata": {"a": 1, "b": 1}, "callbacks": [one]}):
        config = resolve({"tags": ["inner"], "metadata": {"b": 2}, "callbacks": [two, one]})
        assert resolve(None) is AMBIENT.get()
        assert resolve(AMBIENT.get()) is AMBIENT.get()
    assert config == {
        "tags": ["inner", "outer"],
        "metadata": {"a": 1, "b": 2},
        "callbacks": [one, two],
    }
    assert AMBIENT.get() is None


def test_configs_do_not_change_what_they_were_made_of() -> None:
    lower: Any = {"tags": ["a"], "metadata": {"x": 1}, "callbacks": [1]}
    upper: Any = {"tags": ["b"], "metadata": {"y": 1}, "callbacks": [2]}
    merge_configs(lower, upper)
    assert lower == {"tags": ["a"], "metadata": {"x": 1}, "callbacks": [1]}
    assert upper == {"tags": ["b"], "metadata": {"y": 1}, "callbacks": [2]}
