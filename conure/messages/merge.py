"""Adding up what is not events: contents, blocks and dicts that were made by hand.

What can be a stream's fragment (`FRAGMENTS`) is concatenated, lists are joined by their blocks'
`index`, `type` and `id`, dicts are merged, and of anything else the later value wins. Fragments
are kept as lists of parts and joined when looked at, so that a sum is linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

__all__ = [
    "FRAGMENTS",
    "ContentSum",
    "absorb",
    "absorb_list",
    "joined",
    "merge_content",
    "merge_facts",
]

FRAGMENTS = frozenset(
    {
        "args",
        "arguments",
        "base64",
        "data",
        "input",
        "partial_json",
        "reasoning",
        "reasoning_content",
        "refusal",
        "text",
        "thinking",
        "transcript",
    }
)
_NAMES_A_BLOCK = frozenset({"type", "id", "index"})
_RUNS = frozenset({"text", "reasoning"})


class _Parts(list[str]):
    """A text that is still growing."""

    __slots__ = ()


def joined(value: Any) -> Any:
    """Copy data, every growing text in it as a str."""
    if type(value) is _Parts:
        return "".join(value)
    if type(value) is dict:
        return {key: joined(item) for key, item in cast("dict[str, Any]", value).items()}
    if type(value) is list:
        return [joined(item) for item in cast("list[Any]", value)]
    return value


def absorb(left: dict[str, Any], right: dict[str, Any]) -> None:
    """Merge `right` into `left`."""
    for key, value in right.items():
        before = left.get(key)
        if value is None:
            left.setdefault(key, None)
        elif before is None or before == "":
            left[key] = joined(value)
        elif key not in _NAMES_A_BLOCK:
            left[key] = _added(left, key, before, value)


def _added(owner: dict[str, Any], key: str, before: Any, value: Any) -> Any:
    """Give what two values of a key are together; what can grow grows where it is."""
    if isinstance(value, str):
        return _longer(owner, key, before, value)
    if isinstance(before, dict) and isinstance(value, dict):
        absorb(cast("dict[str, Any]", before), cast("dict[str, Any]", value))
    elif isinstance(before, list) and isinstance(value, list):
        absorb_list(cast("list[Any]", before), cast("list[Any]", value))
    else:
        return joined(value)
    return cast("Any", before)


def _longer(owner: dict[str, Any], key: str, before: Any, value: str) -> Any:
    if type(before) is _Parts:
        before.append(value)
        return before
    if isinstance(before, str):
        if key in FRAGMENTS:
            return _Parts((before, value))
        # Some servers send a call's name in pieces, others repeat it.
        if key == "name" and owner.get("type") == "tool_call_chunk" and before != value:
            return before + value
    return value


def absorb_list(left: list[Any], right: Iterable[Any], *, runs: bool = False) -> None:
    """Merge each element into the one it continues, or append it.

    With `runs`, neighbours without an index that are both text are one text.
    """
    for element in right:
        if runs and isinstance(element, str):
            _append_text(left, element)
            continue
        earlier = (
            _continued(left, cast("Any", element), runs=runs) if isinstance(element, dict) else None
        )
        if earlier is None:
            left.append(joined(cast("Any", element)))
        else:
            absorb(earlier, cast("dict[str, Any]", element))


def _append_text(left: list[Any], text: str) -> None:
    if left and type(left[-1]) is _Parts:
        left[-1].append(text)
    elif left and isinstance(left[-1], str):
        left[-1] = _Parts((left[-1], text))
    elif text:
        left.append(text)


def _continued(left: list[Any], element: dict[str, Any], *, runs: bool) -> dict[str, Any] | None:
    index = element.get("index")
    if index is None:
        if not left or not runs or not isinstance(left[-1], dict):
            return None
        last = cast("dict[str, Any]", left[-1])
        is_run = last.get("index") is None and last.get("type") in _RUNS
        return last if is_run and _are_one(last, element) else None
    for earlier in reversed(left):
        if isinstance(earlier, dict):
            found = cast("dict[str, Any]", earlier)
            if found.get("index") == index and _are_one(found, element):
                return found
    return None


def _are_one(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return all(
        not left.get(key) or not right.get(key) or left[key] == right[key] for key in ("type", "id")
    )


class ContentSum:
    """Contents one after another: a str as long as all are."""

    __slots__ = ("_blocks", "_texts")

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._blocks: list[Any] | None = None

    def add(self, content: str | Iterable[Any]) -> None:
        if isinstance(content, str):
            if self._blocks is None:
                self._texts.append(content)
            elif content:
                _append_text(self._blocks, content)
            return
        if self._blocks is None:
            text = "".join(self._texts)
            self._blocks = [text] if text else []
        absorb_list(self._blocks, content, runs=True)

    def content(self) -> str | list[Any]:
        return "".join(self._texts) if self._blocks is None else joined(self._blocks)


def merge_content(first: str | list[Any], *others: str | list[Any]) -> str | list[Any]:
    """Join contents as those of a stream's chunks are joined.

    >>> merge_content("a", "b"), merge_content("a", [{"type": "image", "url": "u"}])
    ('ab', ['a', {'type': 'image', 'url': 'u'}])
    """
    total = ContentSum()
    for content in (first, *others):
        total.add(content)
    return total.content()


def merge_facts(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Later values win, dicts merge, lists below `logprobs` are extended."""
    merged = {**left}
    for key, value in right.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            merge = _extend_lists if key == "logprobs" else merge_facts
            merged[key] = merge(before, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            merged[key] = value
    return merged


def _extend_lists(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    merged = {**left}
    for key, value in right.items():
        before = merged.get(key)
        if isinstance(before, list) and isinstance(value, list):
            merged[key] = cast("list[Any]", before) + value
        elif value is not None:
            merged[key] = value
    return merged
