"""Every module says what it is, what it offers, and stays small enough to know."""

from __future__ import annotations

import ast

from tests.architecture.house import Module, modules

LONGEST_FILE = 500
LONGEST_DOCSTRING = 8
# errors.py draws its tree, which is longer than eight lines and better than any.
DRAWINGS = {"errors"}
VAGUE_FILES = {"common", "helpers", "misc", "utils"}
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


def test_a_docstring_says_what_each_module_is() -> None:
    silent = [module.path for module in modules() if not ast.get_docstring(module.tree)]
    assert not silent
    wordy = [
        module.path
        for module in modules()
        if module.name not in DRAWINGS and len(_lines(module)) > LONGEST_DOCSTRING
    ]
    assert not wordy


def _lines(module: Module) -> list[str]:
    said = ast.get_docstring(module.tree) or ""
    return [line for line in said.splitlines() if line]


def test_all_is_there_and_sorted() -> None:
    unlisted = [module.path for module in modules() if module.public is None]
    assert not unlisted, "no __all__"
    unsorted = [
        module.path
        for module in modules()
        if module.public != sorted(set(module.public or ()), key=_constants_classes_functions)
    ]
    assert not unsorted


def _constants_classes_functions(name: str) -> tuple[int, str]:
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


def test_all_names_what_is_public() -> None:
    hidden = [
        f"{module.path}: {node.name} is not in __all__"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if not node.name.startswith("_") and node.name not in (module.public or ())
    ]
    assert not hidden, "\n".join(hidden)


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


def test_files_are_small() -> None:
    lengths = {module.path: len(module.text.splitlines()) for module in modules()}
    long = {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}
    assert not long, "which second thing have they learned?"


def test_names_say_something() -> None:
    vague = [module.path for module in modules() if module.path.stem in VAGUE_FILES]
    vague += [
        f"{module.path}: {node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and node.name not in GIVEN_NAMES
        if any(word in node.name for word in VAGUE)
    ]
    assert not vague
