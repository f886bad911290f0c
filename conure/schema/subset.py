"""Narrow a schema to what a provider's strict mode takes: `narrow(schema, RULES["openai"])`.

The wire schema may take more than the schema does (bounds that a provider does not know become
words in the description) and asks for more (what may be left out is required and nullable).
Answers are validated, and nulls read as absence, by the schema itself. What can be written in
neither way is refused here, before anything is sent. Narrowing twice changes nothing.
"""

from __future__ import annotations

from typing import Any, cast

from .kinds import kinds_of
from .limits import check_limits
from .merge import both
from .problems import SchemaError, path_of
from .refs import Schema, leads_back, resolved
from .rules import Rules
from .words import bounded, choices_of, inferred, said_of

__all__ = ["narrow"]

NULL: Schema = {"type": "null"}
SAID = ("title", "description", "default", "examples", "$comment", "deprecated", "readOnly")
"""keywords that bound nothing"""

PATH = tuple[str, ...]


def narrow(schema: Schema, rules: Rules) -> Schema:
    """Answer what to send instead of a schema; `SchemaError` where that cannot be done."""
    narrower = _Narrower(schema, rules)
    try:
        return narrower.root_schema()
    except SchemaError as error:
        raise SchemaError(f"{error.message}\n  See {rules.url}", path=error.path) from None


class _Narrower:
    def __init__(self, root: Schema, rules: Rules) -> None:
        self.root = root
        self.rules = rules
        self.definitions: Schema = {}
        self.open: list[str] = []
        """references being looked into right now"""

    def root_schema(self) -> Schema:
        schema = {key: part for key, part in self.root.items() if key not in HIDDEN}
        if "$ref" in schema:
            schema = self.flat(schema, ())
        if inferred(schema) != "object":
            raise SchemaError(f"{self.rules.name} wants an object here: put the value into one")
        narrowed = self.part(schema, ())
        if "type" not in narrowed:
            raise SchemaError(f"{self.rules.name} wants one object here, not alternatives")
        if self.definitions:
            narrowed["$defs"] = self.definitions
        check_limits(narrowed, self.rules)
        return narrowed

    def part(self, schema: Any, path: PATH) -> Schema:
        """Narrow the schema of the value at a path."""
        if schema is True or schema == {}:
            raise self.refused("may be anything", "say what type it has", path)
        if schema is False:
            raise self.refused("can have no value", "leave it out", path)
        known = cast("Schema", schema)
        if "$ref" in known:
            return self.reference(known, path)
        if "allOf" in known or "oneOf" in known:
            known = self.flat(known, path)
        if "anyOf" in known:
            return self.union(known, path)
        if "enum" in known or "const" in known:
            return self.choice(known, path)
        kinds = kinds_of(known)
        if len(kinds) > 1:
            return self.several(known, kinds, path)
        kind = inferred(known)
        if kind is None:
            raise self.refused("may be anything", "say what type it has", path)
        if kind == "object":
            return self.object(known, path)
        return self.array(known, path) if kind == "array" else bounded(kind, known, self.rules)

    def refused(self, what: str, remedy: str, path: PATH) -> SchemaError:
        return SchemaError(
            f"{what}, which {self.rules.name} cannot say: {remedy}", path=path_of(path)
        )

    def reference(self, schema: Schema, path: PATH) -> Schema:
        reference = str(schema["$ref"])
        beside = {key: part for key, part in schema.items() if key != "$ref"}
        mere = {key for key in beside if beside[key] not in (None, "", [], {})} <= NO_WORDS
        recursive = leads_back(reference, self.root)
        if recursive and self.rules.recursion == "no":
            raise self.refused(
                "mentions itself", "write out as many levels as are needed, or go without", path
            )
        if not mere and not recursive:
            return self.part(self.flat(schema, path), path)
        name = self.define(reference, path)
        words = said_of(schema, self.rules)
        if mere or not words:
            return {"$ref": name}
        # A `$ref` must stand alone, so what is said about it stands around it.
        return {"anyOf": [{"$ref": name}], **words}

    def define(self, reference: str, path: PATH) -> str:
        name = reference.rpartition("/")[2] if reference != "#" else ""
        if not name:
            return "#"
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.part(resolved(reference, self.root), path)
        return f"#/$defs/{name}"

    def flat(self, schema: Schema, path: PATH) -> Schema:
        """Make one schema of all that must hold together: `$ref`, `allOf`; `oneOf` is `anyOf`."""
        flat = {key: part for key, part in schema.items() if key not in ("$ref", "allOf", "oneOf")}
        if "oneOf" in schema and "anyOf" not in schema:
            flat["anyOf"] = schema["oneOf"]
        parts = [*schema.get("allOf", ())]
        if "$ref" in schema:
            if schema["$ref"] in self.open:
                raise self.refused("mentions itself at once", "mend the reference", path)
            self.open.append(schema["$ref"])
            parts.append(resolved(schema["$ref"], self.root))
        for part in parts:
            composed = isinstance(part, dict) and {"$ref", "allOf", "oneOf"} & part.keys()
            try:
                flat = both(flat, self.flat(cast("Schema", part), path) if composed else part)
            except SchemaError as error:
                raise SchemaError(error.message, path=path_of(path)) from None
        if "$ref" in schema:
            self.open.pop()
        return flat

    def union(self, schema: Schema, path: PATH) -> Schema:
        words = said_of(schema, self.rules)
        base = {key: part for key, part in schema.items() if key not in (*SAID, "anyOf")}
        branches: list[Schema] = []
        for branch in schema["anyOf"]:
            whole = both(self.flat(branch, path), base) if base and branch is not True else branch
            if whole is False:
                continue
            narrowed = self.part(whole, path)
            nested = narrowed["anyOf"] if narrowed.keys() == {"anyOf"} else [narrowed]
            branches += [part for part in nested if part not in branches]
        if not branches:
            raise self.refused("can have no value", "leave it out", path)
        if len(branches) == 1 and (not words or "$ref" not in branches[0]):
            return {**branches[0], **words}
        return {"anyOf": branches, **words}

    def choice(self, schema: Schema, path: PATH) -> Schema:
        found = choices_of(schema, self.rules)
        if not found:
            raise self.refused("lists objects or arrays", "list simple values", path)
        words = said_of(schema, self.rules)
        return {**found[0], **words} if len(found) == 1 else {"anyOf": found, **words}

    def several(self, schema: Schema, kinds: list[str], path: PATH) -> Schema:
        """One branch for each type, unless there is nothing to say but the types."""
        if not ({"object", "array"} & {*kinds}) and not schema.keys() - {*SAID, "type", "nullable"}:
            return {"type": kinds, **said_of(schema, self.rules)}
        bare = {key: part for key, part in schema.items() if key not in ("nullable", *SAID)}
        branches = [self.part({**_only(bare, kind), "type": kind}, path) for kind in kinds]
        return {"anyOf": branches, **said_of(schema, self.rules)}

    def object(self, schema: Schema, path: PATH) -> Schema:
        others = schema.get("additionalProperties")
        narrowed: Schema = {"type": "object", **said_of(schema, self.rules)}
        if self.rules.closed and "properties" not in schema and others is not False:
            raise self.refused(
                "is an object with any keys (a dict)",
                "name its keys, make it a list of objects with a key and a value, or ask without "
                "strict",
                path,
            )
        if "properties" in schema or self.rules.closed:
            required = schema.get("required", ())
            parts = schema.get("properties", {})
            narrowed["properties"] = {
                key: self.member(part, key in required, (*path, key)) for key, part in parts.items()
            }
            narrowed["required"] = [
                key for key in parts if self.rules.all_required or self.stays(key, schema)
            ]
        if self.rules.closed:
            narrowed["additionalProperties"] = False
        elif isinstance(others, bool):
            narrowed["additionalProperties"] = others
        elif others is not None:
            narrowed["additionalProperties"] = self.part(others, (*path, "*")) if others else True
        return narrowed

    def member(self, part: Any, required: bool, path: PATH) -> Schema:
        narrowed = self.part(part, path)
        if required or not self.rules.all_required or _takes_null(narrowed):
            return narrowed
        return _or_null(narrowed)

    def stays(self, key: str, schema: Schema) -> bool:
        """Say whether a property is still required."""
        if key not in schema.get("required", ()):
            return False
        part = schema["properties"][key]
        return self.rules.recursion != "optional" or not self.closes_a_circle(part)

    def closes_a_circle(self, part: Any) -> bool:
        found = [part]
        while found:
            schema = found.pop()
            if isinstance(schema, dict):
                known = cast("Schema", schema)
                if "$ref" in known and leads_back(known["$ref"], self.root):
                    return True
                found += [known.get("items"), known.get("additionalProperties")]
                found += [*known.get("anyOf", ()), *known.get("oneOf", ()), *known.get("allOf", ())]
                found += known.get("prefixItems", ())
        return False

    def array(self, schema: Schema, path: PATH) -> Schema:
        narrowed = bounded("array", schema, self.rules)
        inner = (*path, "[]")
        items = schema.get("items")
        first = cast(
            "list[Any]", items if isinstance(items, list) else schema.get("prefixItems", [])
        )
        if first and self.rules.tuples:
            narrowed["prefixItems"] = [self.part(part, inner) for part in first]
            if isinstance(items, dict):
                narrowed["items"] = self.part(items, inner)
            return narrowed
        if first:
            # Which item is of which type is left to reading.
            items = first[0] if all(part == first[0] for part in first) else {"anyOf": first}
        if items is None and schema.get("maxItems") == 0:
            items = NULL
        narrowed["items"] = self.part({} if items is None else items, inner)
        return narrowed


HIDDEN = ("$defs", "definitions", "$schema", "$id", "$comment")
NO_WORDS = {"title", "default", "examples", *HIDDEN}

OWN = {
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
    "patternProperties": "object",
    "propertyNames": "object",
    "minProperties": "object",
    "maxProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minItems": "array",
    "maxItems": "array",
    "uniqueItems": "array",
}


def _only(schema: Schema, kind: str) -> Schema:
    """Leave out what is about values of another type."""
    return {key: part for key, part in schema.items() if OWN.get(key, kind) == kind}


def _takes_null(schema: Schema) -> bool:
    if "anyOf" in schema:
        return any(_takes_null(branch) for branch in schema["anyOf"])
    return "null" in kinds_of(schema)


def _or_null(schema: Schema) -> Schema:
    words = {key: part for key, part in schema.items() if key in SAID}
    bare = {key: part for key, part in schema.items() if key not in SAID}
    if "anyOf" in bare:
        return {"anyOf": [*bare["anyOf"], NULL], **words}
    kind = bare.get("type")
    if bare.keys() == {"type"} and kind not in ("object", "array"):
        return {"type": [*kinds_of(bare), "null"], **words}
    return {"anyOf": [bare, NULL], **words}
