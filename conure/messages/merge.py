"""Adding up what is not events: contents, blocks and dicts that were made by hand.

What can be a stream's fragment (`FRAGMENTS`) is concatenated, lists are joined by their blocks'
`index`, `type` and `id`, dicts are merged, and of anything else the later value wins. Fragments
are kept as lists of parts and joined when looked at, so that a sum is linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

__all__ = ["FRAGMENTS", "ContentSum", "absorb", "absorb_list", "joined", "merge_content", "merge_facts"]

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
    """A copy in which every growing text is a str."""
    kind = type(value)
    if kind is _Parts:
        return "".join(value)
    if kind is dict:
        return {key: joined(item) for key, item in value.items()}
    if kind is list:
        return [joined(item) for item in value]
    return value


def absorb(left: dict[str, Any], right: dict[str, Any]) -> None:
    """Merge `right` into `left`."""
    for key, value in right.items():
        if value is None:
            left.setdefault(key, None)
            continue
        before = left.get(key)
        if before is None or before == "":
            left[key] = joined(value)
        elif key in _NAMES_A_BLOCK:
            continue
        elif type(before) is _Parts and isinstance(value, str):
            before.append(value)
        elif isinstance(before, str) and isinstance(value, str):
            if key in FRAGMENTS:
                left[key] = _Parts((before, value))
            elif key == "name" and left.get("type") == "tool_call_chunk":
                left[key] = before if before == value else before + value
            else:
                left[key] = value
        elif isinstance(before, dict) and isinstance(value, dict):
            absorb(cast("dict[str, Any]", before), cast("dict[str, Any]", value))
        elif type(before) is list and isinstance(value, list):
            absorb_list(cast("list[Any]", before), cast("list[Any]", value))
        else:
            left[key] = joined(value)


def absorb_list(left: list[Any], right: Iterable[Any], *, runs: bool = False) -> None:
    """Merge each element into the one it continues, or append it.

    With `runs`, neighbours without an index that are both text are one text.
    """
    for element in right:
        if runs and isinstance(element, str):
            _append_text(left, element)
            continue
        earlier = _continued(left, element, runs=runs) if isinstance(element, dict) else None
        if earlier is None:
            left.append(joined(element))
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
        last = left[-1] if left and runs else None
        if isinstance(last, dict) and last.get("index") is None and last.get("type") in _RUNS:
            found = cast("dict[str, Any]", last)
            return found if _are_one(found, element) else None
        return None
    for earlier in reversed(left):
        if isinstance(earlier, dict) and earlier.get("index") == index:
            found = cast("dict[str, Any]", earlier)
            if _are_one(found, element):
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
        both = isinstance(before, list) and isinstance(value, list)
        merged[key] = before + value if both else before if value is None else value
    return merged
