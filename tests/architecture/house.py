"""The source as the architecture tests see it: modules, what they import, what they say.

Everything is read from the syntax tree, so imports inside functions and under `TYPE_CHECKING`
count like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["PACKAGE", "ROOT", "Import", "Module", "modules", "names_of"]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "conure"


class Import(NamedTuple):
    """One imported module, with the names taken from it."""

    module: str
    names: tuple[str, ...]
    line: int


class Module(NamedTuple):
    """One source file."""

    name: str  # without the leading "conure."; "" is the package itself
    path: Path
    text: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def layer(self) -> str:
        return self.name.split(".")[0]

    @property
    def public(self) -> list[str] | None:
        """What `__all__` says; None when there is none."""
        for node in self.tree.body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name("__all__")], value=ast.List(elts))
                    | ast.AnnAssign(target=ast.Name("__all__"), value=ast.List(elts))
                ):
                    return [ast.literal_eval(element) for element in elts]
                case _:
                    pass
        return None

    def own(self) -> Iterator[Import]:
        """List the imports from conure, with names relative to the package."""
        for found in self.imports:
            if found.module == "conure" or found.module.startswith("conure."):
                yield found._replace(module=found.module[len("conure.") :])

    def foreign(self) -> Iterator[Import]:
        """List the imports from elsewhere."""
        for found in self.imports:
            if found.module != "conure" and not found.module.startswith("conure."):
                yield found


@cache
def modules() -> tuple[Module, ...]:
    """Read every module of the package."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def names_of() -> frozenset[str]:
    """Name every module of the package."""
    return frozenset(_name(path) for path in PACKAGE.rglob("*.py"))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, str(path))
    name = _name(path)
    inside = ["conure", *([name] if name else [])]
    package = ".".join(inside if path.stem == "__init__" else inside[:1] + name.split(".")[:-1])
    return Module(name, path, text, tree, tuple(_imports(tree, package)))


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, package: str) -> Iterator[Import]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                for name in names:
                    yield Import(name.name, (), node.lineno)
            case ast.ImportFrom(module, names, level):
                start = package.split(".")[: len(package.split(".")) - (level - 1)] if level else []
                base = ".".join([*start, *([module] if module else [])])
                yield from _from(base, names, node.lineno)
            case _:
                pass


def _from(base: str, names: list[ast.alias], line: int) -> Iterator[Import]:
    """Split `from . import a, b` into the modules it means."""
    plain: list[str] = []
    for name in names:
        module = f"{base}.{name.name}"
        if module.startswith("conure.") and module[len("conure.") :] in names_of():
            yield Import(module, (), line)
        else:
            plain.append(name.name)
    if plain:
        yield Import(base, tuple(plain), line)
