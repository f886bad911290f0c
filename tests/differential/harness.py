"""Run all programs under one library, and say where two results differ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.differential.program import HEAD, Program
from tests.examples.page import translated
from tests.examples.provider import Provider, Script

__all__ = ["Results", "differences", "results"]

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "DIFFERENTIAL_TRACEBACK")
HEADERS = ("authorization", "content-type", "openai-organization", "openai-project")

Results = Mapping[str, Mapping[str, Any]]


def results(programs: Sequence[Program], python: str | None = None) -> Results:
    """Run the programs under this library, or under the reference's `python`, in one process."""
    scripts = {one.name: Script(list(one.replies)) for one in programs}
    with Provider(scripts) as provider:
        asked = [
            {
                "name": one.name,
                "source": HEAD + one.source if python else translated(HEAD + one.source),
                "environment": _environment(one, provider),
            }
            for one in programs
        ]
        shown = _run(asked, python)
    return {
        one.name: {"wire": _wire(scripts[one.name], one), "shown": shown[one.name]}
        for one in programs
    }


def _environment(program: Program, provider: Provider) -> dict[str, str]:
    if program.elsewhere:
        return {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": provider.at(program.name)}
    # As its own host, so that what is known of its models holds; by way of a proxy.
    return {
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": f"http://loopback.openai.com/{program.name}",
        "OPENAI_PROXY": provider.at("").rstrip("/"),
        "HERE": provider.at(program.name),
    }


def _run(asked: list[dict[str, Any]], python: str | None) -> dict[str, list[Any]]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        [python or sys.executable, "-P", str(Path(__file__).with_name("runner.py"))],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env={**kept, **({} if python else {"PYTHONPATH": str(ROOT)})},
        timeout=100,
        check=False,
    )
    if os.environ.get("DIFFERENTIAL_TRACEBACK"):
        sys.stderr.write(done.stderr)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def _wire(script: Script, program: Program) -> list[Any]:
    requests = [
        {
            "method": seen.method,
            "path": urlsplit(seen.target)._replace(scheme="", netloc="").geturl(),
            "headers": {
                name: value
                for name, value in seen.headers.items()
                if name in HEADERS or name.startswith("x-own")
            },
            "body": _plain(seen.json()) if seen.body else None,
        }
        for seen in script.requests
    ]
    return sorted(requests, key=json.dumps) if program.unordered else requests


def _plain(body: Any) -> Any:
    """Read arguments, which are JSON in a string: white space in them means nothing."""
    if isinstance(body, dict):
        return {
            name: _read(one) if name == "arguments" else _plain(one) for name, one in body.items()
        }
    return [_plain(one) for one in body] if isinstance(body, list) else body


def _read(text: Any) -> Any:
    try:
        return {"<json>": json.loads(text)}
    except (TypeError, ValueError):
        return text


MISSING = "(missing)"


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, ours, theirs) wherever they are not the same; `path` has dots."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and _came_alike(ours, theirs):
        for name in {**ours, **theirs}:
            yield from differences(
                ours.get(name, MISSING), theirs.get(name, MISSING), f"{path}.{name}".strip(".")
            )
    elif isinstance(ours, list) and isinstance(theirs, list):
        for index in range(max(len(ours), len(theirs))):
            yield from differences(
                ours[index] if index < len(ours) else MISSING,
                theirs[index] if index < len(theirs) else MISSING,
                f"{path}.{index}".strip("."),
            )
    elif (type(ours) is not type(theirs) and not _both_numbers(ours, theirs)) or ours != theirs:
        yield path, ours, theirs


def _came_alike(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Tell a value from a failure, which are not worth comparing field by field."""
    return all((name in ours) == (name in theirs) for name in ("raised", "error"))


def _both_numbers(ours: Any, theirs: Any) -> bool:
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in (ours, theirs))
