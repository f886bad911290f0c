"""Imports go down only, and the world outside is touched in few places."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.house import Module, modules

FLOORS = {"errors", "messages", "schema", "wire", "runnables"}
BELOW_CHAT_MODELS = {
    *FLOORS,
    *("outputs", "tools", "callbacks", "rate_limiters"),
    *("protocols", "providers", "engine", "transport"),
    *("runtime", "types", "checkpoint"),
}

# layer -> the layers, or single modules, that it may import besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "messages": {"errors"},
    "schema": {"errors"},
    "runnables": {"errors"},
    "wire": {"errors"},
    "load": {"errors", "messages"},
    "outputs": {"errors", "messages"},
    "runtime": {"errors"},
    "types": {"errors", "runtime"},
    "checkpoint": {"errors", "messages", "schema"},
    "tools": {"errors", "messages", "schema", "runnables", "types"},
    "callbacks": {"errors", "messages", "outputs", "schema", "runnables"},
    "rate_limiters": {"errors", "messages", "schema", "runnables"},
    "protocols": {"errors", "messages", "schema", "tools", "wire"},
    "providers": {"errors", "protocols", "wire"},
    "engine": {"errors", "messages", "protocols", "providers", "wire"},
    "transport": {"errors", "engine.effects", "messages.events", "wire"},
    "chat_models": BELOW_CHAT_MODELS,
    "testing": {*BELOW_CHAT_MODELS, "chat_models"},
    "agents": {*BELOW_CHAT_MODELS, "chat_models"},
    "mcp": {"errors", "messages", "tools"},
    "cli": {*BELOW_CHAT_MODELS, "chat_models"},
    "__main__": {"cli"},
}
# Doors: a module at the top that only names what lies in the rooms.
DOORS = {*BELOW_CHAT_MODELS, "chat_models", "testing", "agents"}

# module -> what it may import all the same, and why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("aws", "anthropic"): "a class that code for either knows",
    ("google_vertexai", "anthropic"): "the same",
}

OUTSIDE = {
    *("aiohttp", "asyncio", "concurrent", "http", "httpx", "httpx2", "multiprocessing", "requests"),
    *("select", "selectors", "signal", "socket", "ssl", "subprocess", "threading", "time"),
    *("urllib.request", "urllib3"),
}

# module -> what of the outside it may touch, and why.
OUTSIDE_EXCEPTIONS: dict[tuple[str, str], str] = {
    ("checkpoint.langgraph", "time"): "what was written last is told by when it was",
    ("checkpoint.memory", "threading"): "tools that run side by side write to one saver",
    ("checkpoint.sqlite", "threading"): "the same, and one connection serves all threads",
    ("cli.answer", "time"): "shows how long a reply took",
    ("mcp.client", "asyncio"): "a session belongs to one event loop, and all code may call",
    ("mcp.client", "threading"): "that event loop has a thread of its own",
    ("mcp.session", "asyncio"): "a session is held by a task",
    ("mcp.session", "httpx2"): "the protocol's client takes headers by a client of this library",
    ("providers.google_credentials", "urllib3"): "google-auth renews tokens with it",
    ("runnables.run", "time"): "a run's id sorts by the time it was made",
}

# Composition waits and works side by side for code that is not a plan: threads and event loops
# have no common story, so these are the honest twins.
WAITING_ROOMS = {"runnables.kept", "runnables.many", "runnables.streams", "runnables.waiting"}

ENVIRONMENT_DOORS = {"chat_models.parameters", "cli"}


def test_imports_go_down_only() -> None:
    upward = [
        f"{module.path}:{found.line}: {module.name or 'conure'} imports {found.module}"
        for module in modules()
        for found in module.own()
        if not _is_below(module, found.module) and (module.name, found.module) not in EXCEPTIONS
    ]
    assert not upward, "\n".join(upward)


def _is_below(module: Module, imported: str) -> bool:
    allowed = MAY_IMPORT.get(module.layer, DOORS)
    layer = imported.split(".", maxsplit=1)[0]
    return layer == module.layer or layer in allowed or imported in allowed


def test_the_outside_is_touched_in_transport_only() -> None:
    touched = [
        f"{module.path}:{found.line}: imports {found.module}"
        for module in modules()
        if module.layer != "transport" and module.name not in WAITING_ROOMS
        for found in module.foreign()
        if (outside := _outside(found.module)) and (module.name, outside) not in OUTSIDE_EXCEPTIONS
    ]
    assert not touched, "\n".join(touched)


def _outside(name: str) -> str | None:
    parts = name.split(".")
    prefixes = (".".join(parts[: count + 1]) for count in range(len(parts)))
    return next((prefix for prefix in prefixes if prefix in OUTSIDE), None)


def test_the_environment_is_read_at_the_doors_only() -> None:
    readers = {
        module.name
        for module in modules()
        if any(_reads_environment(node) for node in ast.walk(module.tree))
    }
    assert not {
        name
        for name in readers
        if name not in ENVIRONMENT_DOORS and name.split(".")[0] not in ENVIRONMENT_DOORS
    }


def _reads_environment(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(ast.Name("os"), "environ" | "getenv" | "environb" | "putenv"):
            return True
        case ast.ImportFrom("os", names):
            return any(name.name in ("environ", "getenv") for name in names)
        case _:
            return False


# What every protocol needs alike stands beside them.
SHARED = {
    *("protocols.checks", "protocols.counting", "protocols.decoder", "protocols.encoded"),
    "protocols.writers",
    *("protocols.errors", "protocols.frames", "protocols.shape", "protocols.usage"),
}


def test_no_protocol_knows_a_sibling() -> None:
    for module in modules():
        if module.layer == "protocols" and "." in module.name:
            home = ".".join(module.name.split(".")[:2])
            for found in module.own():
                if found.module.startswith("protocols.") and found.module not in SHARED:
                    assert found.module.startswith(home), f"{module.name} -> {found.module}"


def test_no_import_goes_in_a_circle() -> None:
    graph = {module.name: {found.module for found in module.own()} for module in modules()}
    assert not list(_circles(graph))


def _circles(graph: dict[str, set[str]]) -> Iterator[str]:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path:
            yield " -> ".join([*path[path.index(name) :], name])
        elif name not in done:
            for other in sorted(graph.get(name, ())):
                yield from visit(other, (*path, name))
            done.add(name)

    for name in graph:
        yield from visit(name, ())


def test_every_exception_is_still_needed() -> None:
    imported = {(module.name, found.module) for module in modules() for found in module.own()}
    touched = {
        (module.name, _outside(found.module)) for module in modules() for found in module.foreign()
    }
    assert set(EXCEPTIONS) <= imported
    assert set(OUTSIDE_EXCEPTIONS) <= touched
