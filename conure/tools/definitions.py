"""A tool as models are told of it: `{"type": "function", "function": {...}}`.

Tools, functions, classes and dicts of every provider's form are brought into this one; tools
that a provider runs itself are passed on as they are. Each is looked into once.
https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, cast
from weakref import WeakKeyDictionary

from ..errors import ConfigurationError
from ..schema.kinds import KINDS
from ..schema.refs import Schema
from ..schema.rules import OPENAI, Rules
from ..schema.shape import shape_of
from ..schema.subset import narrow
from .arguments import Arguments, arguments_of_function, untitled
from .base import BaseTool

__all__ = [
    "convert_to_json_schema",
    "convert_to_openai_function",
    "convert_to_openai_tool",
    "tool_definition",
]

_known: WeakKeyDictionary[Any, dict[Any, dict[str, Any]]] = WeakKeyDictionary()


def tool_definition(
    x: Any, strict: bool | None = None, *, rules: Rules | None = None
) -> dict[str, Any]:
    """Answer the definition of a tool; do not change it, for the next call gets the same.

    What only some providers understand of it stands in `extras`, for their protocol to look at.

    With `strict` the parameters are narrowed to what a strict mode takes, OpenAI's unless `rules`
    say otherwise; `SchemaError` says where that cannot be done.
    """
    rules = rules or OPENAI
    if isinstance(x, dict):
        return _of_dict(cast("dict[str, Any]", x), strict, rules)
    try:
        made = _known.setdefault(x, {})
    except TypeError:  # cannot be remembered
        made = {}
    key = (strict, rules.name)
    if key not in made:
        made[key] = _finished(_own_form(x), strict, rules)
    return made[key]


def convert_to_openai_tool(x: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Describe a tool, function, class or dict in the form of OpenAI's `tools`."""
    definition = tool_definition(x, strict)
    return deepcopy({key: part for key, part in definition.items() if key != "extras"})


def convert_to_openai_function(x: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Describe a tool, function, class or dict by name, description and parameters."""
    definition = convert_to_openai_tool(x, strict=strict)
    if "function" in definition:
        return definition["function"]
    return {key: value for key, value in definition.items() if key != "type"}


def convert_to_json_schema(x: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Describe a tool, function, class or dict by one JSON Schema, titled with its name."""
    function = convert_to_openai_function(x, strict=strict)
    titled = {"title": function["name"]}
    if function.get("description"):
        titled["description"] = function["description"]
    return {**titled, **function.get("parameters", {"type": "object", "properties": {}})}


def _own_form(x: Any) -> dict[str, Any]:
    """Describe what is no dict."""
    if isinstance(x, BaseTool):
        if (custom := getattr(x, "definition", None)) is not None:
            return custom
        made = _function(x.name, x.description, x.arguments.json_schema)
        return {**made, "extras": x.extras} if x.extras else made
    if isinstance(x, type) or hasattr(x, "__required_keys__"):
        return _of_class(cast("Any", x))
    if callable(x):
        from ..schema.of_function import function_name

        own = arguments_of_function(cast("Callable[..., Any]", x), parse_docstring=True)
        name = function_name(x)
        return _function(name, own.description, own.json_schema)
    raise ConfigurationError(
        f"a tool is a function, a class, a tool or a dict, not {type(x).__name__}: {x!r}"
    )


def _of_class(cls: Any) -> dict[str, Any]:
    shape = shape_of(cls)
    if shape.is_wrapped:
        return _function(shape.name, shape.description, shape.object_schema)
    return _function(shape.name, shape.description, Arguments(cls).json_schema)


def _function(name: str, description: str | None, parameters: Schema) -> dict[str, Any]:
    parameters = untitled(parameters)
    parameters.pop("description", None)
    function = {"name": name, "description": description or "", "parameters": parameters}
    return {"type": "function", "function": function}


def _finished(definition: dict[str, Any], strict: bool | None, rules: Rules) -> dict[str, Any]:
    """Apply `strict` to a function, whatever form it came in."""
    if strict is None or definition.get("type") != "function":
        return definition
    if "function" not in definition:  # the flat form of the Responses API
        return _strictly(definition, strict, rules)
    return {**definition, "function": _strictly(definition["function"], strict, rules)}


def _strictly(function: dict[str, Any], strict: bool, rules: Rules) -> dict[str, Any]:
    finished = {**function, "strict": strict}
    if strict:
        parameters: Schema = function.get("parameters") or {"type": "object", "properties": {}}
        finished["parameters"] = narrow(parameters, rules)
    return finished


def _of_dict(given: dict[str, Any], strict: bool | None, rules: Rules) -> dict[str, Any]:
    for fits, convert in FORMS:
        if fits(given):
            return _finished(convert(given), strict, rules)
    raise ConfigurationError(
        "a tool dict needs a title and properties (JSON Schema), a name (OpenAI, Anthropic), a "
        f"toolSpec (Bedrock) or a type (built-in tools): {given!r}"
    )


def _is_schema(given: dict[str, Any]) -> bool:
    kind = given.get("type", "object")
    return (
        "title" in given
        and (kind in KINDS if isinstance(kind, str) else False)
        and ("properties" in given or "type" in given)
    )


def _of_schema(given: dict[str, Any]) -> dict[str, Any]:
    bare = {key: value for key, value in given.items() if key not in ("title", "name")}
    shape = shape_of({**bare, "title": given["title"]})
    return _function(given["title"], given.get("description"), shape.object_schema)


def _of_input_schema(given: dict[str, Any]) -> dict[str, Any]:
    made = _named(given, given["input_schema"])
    hidden = {"name", "description", "input_schema", "strict", "type"}
    extras = {key: part for key, part in given.items() if key not in hidden}
    return {**made, "extras": extras} if extras else made


def _of_spec(given: dict[str, Any]) -> dict[str, Any]:
    spec = given["toolSpec"]
    return _named(spec, spec.get("inputSchema", {}).get("json"))


def _of_function_dict(given: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": given}


def _named(given: dict[str, Any], parameters: Any) -> dict[str, Any]:
    function: dict[str, Any] = {"name": given["name"]}
    if "description" in given:
        function["description"] = given["description"]
    if parameters is not None:
        function["parameters"] = parameters
    if "strict" in given:
        function["strict"] = given["strict"]
    return {"type": "function", "function": function}


def _as_it_is(given: dict[str, Any]) -> dict[str, Any]:
    return given


def _is_single(given: dict[str, Any]) -> bool:
    """Say whether a dict names one tool of a provider: `{"google_search": {}}`."""
    return len(given) == 1 and not {"properties", "title", "name", "description"} & given.keys()


FORMS: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Any]], ...] = (
    (_is_schema, _of_schema),
    (lambda given: isinstance(given.get("type"), str) and given["type"] not in KINDS, _as_it_is),
    (lambda given: "name" in given and "input_schema" in given, _of_input_schema),
    (lambda given: isinstance(given.get("toolSpec"), dict), _of_spec),
    (lambda given: isinstance(given.get("name"), str), _of_function_dict),
    (_is_single, _as_it_is),
)
"""how a dict is recognised -> how it is brought into our form; the first that fits"""
