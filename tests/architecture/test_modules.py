"""Every module says what it is, what it offers, and stays small enough to know."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.house import Module, modules

LONGEST_FILE = 500
LONGEST_DOCSTRING = 8
# errors.py draws its tree, which is longer than eight lines and better than any.
DRAWINGS = {"errors"}
VAGUE = ("Base", "Helper", "Impl", "Manager", "Mixin", "Util")
# Names the field already gave: code written for it must find them.
GIVEN_NAMES = {
    "BaseCallbackHandler",
    "BaseChatModel",
    "BaseMessage",
    "BaseMessageChunk",
    "BaseOutputParser",
    "BaseRateLimiter",
    "BaseTool",
}


def each_module() -> list[pytest.param]:
    return [pytest.param(module, id=module.name or "conure") for module in modules()]


@pytest.mark.parametrize("module", each_module())
def test_a_docstring_says_what_the_module_is(module: Module) -> None:
    said = ast.get_docstring(module.tree)
    assert said, f"{module.path} has no docstring"
    assert (
        module.name in DRAWINGS or len(list(filter(None, said.splitlines()))) <= LONGEST_DOCSTRING
    )


@pytest.mark.parametrize("module", each_module())
def test_all_is_there_and_sorted(module: Module) -> None:
    public = module.public
    assert public is not None, f"{module.path} has no __all__"
    assert public == sorted(public, key=_constants_classes_functions)
    assert len(public) == len(set(public))


def _constants_classes_functions(name: str) -> tuple[int, str]:
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


@pytest.mark.parametrize("module", each_module())
def test_all_names_what_is_public(module: Module) -> None:
    public = set(module.public or ())
    defined = {
        node.name
        for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
    }
    assert defined <= public, f"{module.path}: not in __all__: {sorted(defined - public)}"


def test_what_others_import_is_public() -> None:
    offered = {module.name: set(module.public or ()) for module in modules()}
    taken = [
        f"{module.name} takes {name} from {found.module}"
        for module in modules()
        for found in module.own()
        for name in found.names
        if name not in offered.get(found.module, ())
    ]
    assert not taken, "\n".join(taken)


@pytest.mark.parametrize("module", each_module())
def test_files_are_small(module: Module) -> None:
    assert len(module.text.splitlines()) <= LONGEST_FILE, "which second thing has it learned?"


@pytest.mark.parametrize("module", each_module())
def test_names_say_something(module: Module) -> None:
    assert module.path.stem not in ("utils", "helpers", "misc", "common")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and node.name not in GIVEN_NAMES:
            assert not any(word in node.name for word in VAGUE), f"{module.path}: {node.name}"
