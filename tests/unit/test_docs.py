"""Every example in the pages and docstrings runs, every link leads somewhere.

Examples that name an OpenAI model talk to a loopback server that echoes.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^(<!-- not run: .*? -->\n)?```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)?(#[^)\s]+)?\)")
DOCTESTED = [
    path
    for path in sorted(ROOT.glob("conure/**/*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


class Echo(BaseHTTPRequestHandler):
    """Chat Completions, saying back what the last message says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        if self.path.endswith("/input_tokens"):
            self.answer("application/json", json.dumps({"input_tokens": 5}))
            return
        if "messages" not in asked:
            self.answer_in_items(asked)
            return
        text = str(asked["messages"][-1]["content"])
        usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
        common = {"id": "chatcmpl-1", "model": asked["model"], "usage": usage}
        if asked.get("stream"):
            delta = {"index": 0, "delta": {"role": "assistant", "content": text}}
            end = {"index": 0, "delta": {}, "finish_reason": "stop"}
            chunks = [{"id": "chatcmpl-1", "choices": [delta]}, {**common, "choices": [end]}]
            lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
            self.answer("text/event-stream", "".join(lines) + "data: [DONE]\n\n")
        else:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.answer("application/json", json.dumps({**common, "choices": [choice]}))

    def do_GET(self) -> None:
        self.answer_in_items({"stream": "stream=true" in self.path})

    def answer_in_items(self, asked: dict[str, Any]) -> None:
        """Say something by the other API, whatever was asked."""
        part = {"type": "output_text", "text": "Polly", "annotations": []}
        message = {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}
        reply = {"id": "resp_1", "model": "m", "status": "completed", "output": [message]}
        if asked.get("stream"):
            event = {"type": "response.completed", "response": reply}
            self.answer("text/event-stream", f"data: {json.dumps(event)}\n\n")
        else:
            self.answer("application/json", json.dumps(reply))

    def answer(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def _openai(echo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key for the docs")
    monkeypatch.setenv("OPENAI_BASE_URL", echo)


def blocks(page: Path) -> Iterator[tuple[int, str]]:
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if not found[1]:
            yield text.count("\n", 0, found.start(2)), found[2]


@pytest.mark.usefixtures("_openai")
@pytest.mark.parametrize(
    "page", [pytest.param(page, id=name_of(page)) for page in PAGES if any(blocks(page))]
)
def test_examples_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for line, code in blocks(page):
        if ">>>" in code:
            _doctest(code, names, page, line)
        else:
            # Blank lines put it where it stands, so that a traceback names the line of the page.
            exec(compile("\n" * line + code, str(page), "exec"), names)


def _doctest(code: str, names: dict[str, Any], page: Path, line: int) -> None:
    test = doctest.DocTestParser().get_doctest(code, names, name_of(page), str(page), line)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=said.append, clear_globs=False)
    assert not said, "".join(said)


@pytest.mark.usefixtures("_openai")
@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in DOCTESTED])
def test_examples_of_a_module_run(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert tried
    assert not failed


@pytest.mark.parametrize("page", [pytest.param(page, id=name_of(page)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target, anchor in LINK.findall(text):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{page}: {target}"
        if anchor and there.suffix == ".md":
            assert anchor[1:] in _anchors(there), f"{page}: {target}{anchor}"


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def generated(script: str = "_generate.py") -> dict[str, Any]:
    """Give the names of docs/_generate.py, or of another script there."""
    path = ROOT / "docs" / script
    names: dict[str, Any] = {"__file__": str(path), "__name__": "_"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
    return names


def test_the_pages_of_providers_are_current() -> None:
    folder = ROOT / "docs" / "providers"
    made = {page.name: page.read_text(encoding="utf-8") for page in folder.glob("*.md")}
    assert made == generated()["pages"](), "run: make docs"


def test_the_page_of_parameters_is_current() -> None:
    page = ROOT / "docs" / "explain" / "parameters-of-chatopenai.md"
    made = generated("_parameters.py")["parameters_page"]()
    assert page.read_text(encoding="utf-8") == made, "run: make docs"


def test_the_page_of_parameters_has_them_all() -> None:
    tree = ast.parse((ROOT / "conure" / "openai.py").read_text(encoding="utf-8"))
    [declared] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == "OpenAIParameters"
    ]
    names = [
        node.target.id
        for node in declared.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
    assert len(names) > 70
    assert set(names) == set(generated("_parameters.py")["SAMPLES"])
