"""Forms made of other forms: arrays, sets, tuples, dicts, unions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from .form import Definitions, Form, parsed
from .problems import Path, Wrong
from .records import RecordForm
from .scalars import ScalarForm

NULL = {"type": "null"}

__all__ = ["ArrayForm", "MappingForm", "TupleForm", "UnionForm"]


class ArrayForm(Form):
    """Any number of items of one form."""

    def __init__(
        self, item: Form, make: Callable[[list[Any]], Any] = list, *, unique: bool = False
    ) -> None:
        self.item = item
        self.make = make
        self.unique = unique

    def schema(self, defs: Definitions) -> dict[str, Any]:
        said: dict[str, Any] = {"type": "array", "items": self.item.schema(defs)}
        return {**said, "uniqueItems": True} if self.unique else said

    def read(self, value: Any, lax: bool) -> Any:
        items = _items(value, lax)
        read = self.item.read
        try:
            return self.make([read(item, lax) for item in items])
        except Wrong:
            raise Wrong(_problems([(self.item, item) for item in items], lax)) from None
        except TypeError as error:  # a set of what cannot be hashed
            raise Wrong(str(error)) from None

    def at(self, key: str | int) -> Form | None:
        return self.item if isinstance(key, int) else None


class TupleForm(Form):
    """A fixed number of items, each of its own form."""

    def __init__(self, items: Sequence[Form]) -> None:
        self.items = items

    def schema(self, defs: Definitions) -> dict[str, Any]:
        size = len(self.items)
        said: dict[str, Any] = {"type": "array", "minItems": size, "maxItems": size}
        if size:
            said["prefixItems"] = [item.schema(defs) for item in self.items]
        return said

    def read(self, value: Any, lax: bool) -> Any:
        items = _items(value, lax)
        if len(items) != len(self.items):
            raise Wrong(f"must have {len(self.items)} items, not {len(items)}")
        pairs = list(zip(self.items, items, strict=True))
        try:
            return tuple([form.read(item, lax) for form, item in pairs])
        except Wrong:
            raise Wrong(_problems(pairs, lax)) from None

    def at(self, key: str | int) -> Form | None:
        return self.items[key] if isinstance(key, int) and key < len(self.items) else None


class MappingForm(Form):
    """Any keys, with values of one form."""

    def __init__(
        self, key: Form, value: Form, make: Callable[[dict[Any, Any]], Any] = dict
    ) -> None:
        self.key = key
        self.value = value
        self.make = make

    def schema(self, defs: Definitions) -> dict[str, Any]:
        said: dict[str, Any] = {"type": "object"}
        if value := self.value.schema(defs):
            said["additionalProperties"] = value
        keys = self.key.schema(defs)
        if keys not in ({}, {"type": "string"}) and keys.get("type") in ("string", None):
            said["propertyNames"] = keys
        return said

    def read(self, value: Any, lax: bool) -> Any:
        value = parsed(value, "{", lax)
        if not isinstance(value, Mapping):
            raise Wrong.kind("an object", value)
        read: dict[Any, Any] = {}
        problems: list[tuple[Path, str]] = []
        for key, item in cast("Mapping[Any, Any]", value).items():
            try:
                read[self.key.read(key, lax=True)] = self.value.read(item, lax)
            except Wrong as wrong:
                problems += wrong.under(str(key))
        if problems:
            raise Wrong(problems)
        return self.make(read)

    def at(self, key: str | int) -> Form | None:
        return self.value if isinstance(key, str) else None


class UnionForm(Form):
    """One of several forms: the first that fits exactly, else the first that fits laxly.

    Objects whose forms share a field with a constant are told apart by it; other objects by how
    many of their keys are known.
    """

    def __init__(self, branches: Sequence[Form]) -> None:
        self.branches = branches
        self.nullable = any(branch.nullable for branch in branches)
        self.optional = any(_keywords(branch) == NULL for branch in branches)
        # An int is a float as well, but not the other way round.
        self._order = sorted(branches, key=_is_float)
        self._tags: tuple[str, dict[Any, RecordForm]] | bool | None = False

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {"anyOf": [branch.schema(defs) for branch in self.branches]}

    def read(self, value: Any, lax: bool) -> Any:
        value = self._object_in(value, lax)
        if isinstance(value, Mapping) and (records := self._records()):
            return self._read_object(cast("Mapping[str, Any]", value), records, lax)
        for exactly in (False, True) if lax else (False,):
            for branch in self._order:
                try:
                    return branch.read(value, exactly)
                except Wrong:
                    continue
        raise self._best_complaint(self._order, value)

    def at(self, key: str | int) -> Form | None:
        found = [form for branch in self.branches if (form := branch.at(key))]
        return UnionForm(found) if len(found) > 1 else next(iter(found), None)

    def _object_in(self, value: Any, lax: bool) -> Any:
        if isinstance(value, str) and self._records():
            texts = (branch for branch in self.branches if _takes(branch, value))
            return value if next(texts, None) else parsed(value, "{", lax)
        return value

    def _records(self) -> list[RecordForm]:
        return [branch for branch in self.branches if isinstance(branch, RecordForm)]

    def _read_object(self, value: Mapping[str, Any], records: list[RecordForm], lax: bool) -> Any:
        if self._tags is False:
            self._tags = _tags_of(records) if len(records) > 1 else None
        if self._tags:
            key, by_tag = cast("tuple[str, dict[Any, RecordForm]]", self._tags)
            tagged = by_tag.get(_hashable(value.get(key)))
            if tagged is not None:
                return tagged.read(value, lax)
        records = sorted(records, key=lambda record: -record.knows(value))
        others = [branch for branch in self.branches if branch not in records]
        for exactly in (False, True) if lax else (False,):
            for branch in (*records, *others):
                try:
                    return branch.read(value, exactly)
                except Wrong:
                    continue
        if self._tags:
            key, by_tag = cast("tuple[str, dict[Any, RecordForm]]", self._tags)
            tags = ", ".join(f'"{tag}"' if isinstance(tag, str) else str(tag) for tag in by_tag)
            complaint = Wrong.kind(f"one of {tags}", value[key]) if key in value else None
            raise Wrong([((key,), str(complaint or f"is missing: one of {tags}"))])
        raise self._best_complaint(records, value)

    def _best_complaint(self, branches: Iterable[Form], value: Any) -> Wrong:
        """Complain for the branch that was meant: the one that goes wrong deepest."""
        complaints: list[Wrong] = []
        for branch in branches:
            try:
                branch.read(value, lax=True)
            except Wrong as wrong:
                complaints.append(wrong)
        deep = [wrong for wrong in complaints if any(path for path, _ in wrong.problems)]
        if deep:
            return min(deep, key=lambda wrong: len(wrong.problems))
        words = dict.fromkeys(message for wrong in complaints for _, message in wrong.problems)
        wanted = [word.removeprefix("must be ").partition(", not ")[0] for word in words]
        return Wrong.kind(" or ".join(wanted), value)


def _is_float(branch: Form) -> bool:
    return _keywords(branch) == {"type": "number"}


def _keywords(branch: Form) -> dict[str, Any] | None:
    return branch.keywords if isinstance(branch, ScalarForm) else None


def _takes(branch: Form, value: Any) -> bool:
    try:
        branch.read(value, lax=False)
    except Wrong:
        return False
    return True


def _tags_of(records: list[RecordForm]) -> tuple[str, dict[Any, RecordForm]] | None:
    """Find a field that every record has with constants of its own."""
    for key in records[0].constants():
        by_tag: dict[Any, RecordForm] = {}
        count = 0
        for record in records:
            tags = record.constants().get(key, [])
            count += len(tags) or len(records) * 100
            by_tag.update((_hashable(tag), record) for tag in tags)
        if len(by_tag) == count:
            return key, by_tag
    return None


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else None


def _items(value: Any, lax: bool) -> list[Any]:
    value = parsed(value, "[", lax)
    if isinstance(value, (list, tuple, set, frozenset)) or type(value).__name__ == "deque":
        return list(cast("Iterable[Any]", value))
    raise Wrong.kind("an array", value)


def _problems(pairs: Iterable[tuple[Form, Any]], lax: bool) -> list[tuple[Path, str]]:
    """Read all items again to find every problem, not only the first."""
    problems: list[tuple[Path, str]] = []
    for index, (form, item) in enumerate(pairs):
        try:
            form.read(item, lax)
        except Wrong as wrong:
            problems += wrong.under(index)
    return problems
