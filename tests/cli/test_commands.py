"""What the command line does with what it is given: answers, exit codes, complaints."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conure.cli import ask, chat, choose, main
from conure.cli.choose import Choice, Opened
from conure.errors import ModelAuthenticationError
from conure.testing import EchoChatModel, FunctionChatModel, ScriptedChatModel

Talk = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "local_models", lambda base_url: None)


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Run a command with something piped in: (exit code, stdout, stderr)."""

    def talk(*arguments: str, piped: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        try:
            code = main(list(arguments))
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return talk


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Let every command talk to this model."""

    def meet(model: Any) -> None:
        for room in (ask, chat):
            monkeypatch.setattr(room, "open_model", lambda _: Opened(model, Choice("a:b", "test")))

    return meet


def test_a_question_is_answered(talk: Talk) -> None:
    code, out, err = talk("Why", "do parrots talk?", "--model", "test:echo")
    assert (code, out) == (0, "Why do parrots talk?\n")
    assert "tokens: " in err
    assert " s\n" in err


def test_without_anything_the_parrot_answers_and_says_how_to_get_more(talk: Talk) -> None:
    code, out, _ = talk("Polly?")
    assert code == 0
    assert out.startswith("Polly?")
    assert "OPENAI_API_KEY" in out


def test_what_is_piped_in_is_read_before_the_question(talk: Talk, meet: Any) -> None:
    model = EchoChatModel()
    meet(model)
    talk("Summarise this", piped="a long text\n")
    talk(piped="only this\n")
    assert [call[0][-1].text for call in model.calls] == [
        "a long text\n\nSummarise this",
        "only this",
    ]


def test_settings_reach_the_model(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}

    def init_chat_model(name: str, **settings: Any) -> Any:
        made.update(name=name, **settings)
        return EchoChatModel()

    monkeypatch.setattr("conure.chat_models.init_chat_model", init_chat_model)
    options = "--model x:y -t 0.5 --max-tokens 9 --timeout 3 --base-url http://z -q"
    talk("Hi", *options.split())
    assert made == {
        "name": "x:y",
        "temperature": 0.5,
        "max_tokens": 9,
        "timeout": 3.0,
        "base_url": "http://z",
    }


def test_the_system_message_stands_first(talk: Talk, meet: Any) -> None:
    model = EchoChatModel()
    meet(model)
    talk("Hi", "--system", "Be brief")
    assert [message.type for message in model.calls[0][0]] == ["system", "human"]


def test_a_whole_reply_as_json(talk: Talk) -> None:
    code, out, _ = talk("Hi", "--model", "test:echo", "--json")
    assert code == 0
    assert "Hi" in json.dumps(json.loads(out))


@pytest.mark.parametrize("how", [["--no-stream"], []])
def test_streamed_or_not_it_reads_the_same(talk: Talk, meet: Any, how: list[str]) -> None:
    meet(ScriptedChatModel(["one **two**\nthree"]))
    assert talk("Hi", *how)[1] == "one **two**\nthree\n"


def test_quiet_says_nothing_else(talk: Talk) -> None:
    assert talk("Hi", "--model", "test:echo", "-q")[2] == ""


def test_an_error_is_one_line_and_exit_code_1(talk: Talk, meet: Any) -> None:
    meet(ScriptedChatModel([ModelAuthenticationError("the key\nis wrong; set OPENAI_API_KEY")]))
    code, out, err = talk("Hi")
    assert (code, out) == (1, "")
    assert err == "conure: the key is wrong; set OPENAI_API_KEY\n"


def test_half_a_character_is_shown_as_one_that_is_missing(talk: Talk, meet: Any) -> None:
    meet(ScriptedChatModel(["so \ud83d far"]))
    assert talk("Hi")[:2] == (0, "so ? far\n")


def test_debug_shows_where(talk: Talk, meet: Any) -> None:
    meet(ScriptedChatModel([ModelAuthenticationError("wrong")]))
    assert "Traceback" in talk("Hi", "--debug")[2]


def test_a_bug_says_that_it_is_one(talk: Talk, meet: Any) -> None:
    meet(FunctionChatModel(lambda messages: {}["nothing"]))
    code, _, err = talk("Hi")
    assert code == 1
    assert err.startswith("conure: KeyError: 'nothing'")
    assert "--debug" in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--max-tokens", "0", "Hi"],
        ["--temperature", "hot", "Hi"],
        ["--temperature", "-1", "Hi"],
        ["--timeout", "0", "Hi"],
        ["--no-such-thing", "Hi"],
    ],
)
def test_misuse_is_exit_code_2(talk: Talk, arguments: list[str]) -> None:
    code, out, err = talk(*arguments)
    assert (code, out) == (2, "")
    assert err


def test_an_unknown_provider_is_named_with_a_remedy(talk: Talk) -> None:
    code, _, err = talk("Hi", "--model", "opnai:gpt")
    assert code == 1
    assert "opnai" in err
    assert err.count("\n") == 1


def test_ctrl_c_is_exit_code_130(talk: Talk, meet: Any) -> None:
    def stop(messages: Any) -> str:
        raise KeyboardInterrupt

    meet(FunctionChatModel(stop))
    assert talk("Hi")[0] == 130


def test_a_question_may_begin_like_a_command(talk: Talk) -> None:
    assert talk("ask", "chat", "with me", "--model", "test:echo")[1] == "chat with me\n"
    assert talk("chat with me", "--model", "test:echo")[1] == "chat with me\n"


# -- chat ---------------------------------------------------------------------------------------


def test_every_piped_line_is_answered(talk: Talk) -> None:
    code, out, _ = talk("chat", "--model", "test:echo", piped="one\n\ntwo")
    assert (code, out) == (0, "one\ntwo\n")


def test_a_conversation_remembers(talk: Talk, meet: Any) -> None:
    model = EchoChatModel()
    meet(model)
    talk("chat", "-s", "Be brief", piped="one\ntwo\n/clear\nthree\n")
    assert [[message.text for message in messages] for messages, _ in model.calls] == [
        ["Be brief", "one"],
        ["Be brief", "one", "one", "two"],
        ["Be brief", "three"],
    ]


def test_one_failure_does_not_end_it_but_is_told(talk: Talk, meet: Any) -> None:
    model = ScriptedChatModel([ModelAuthenticationError("no"), "yes"])
    meet(model)
    code, out, err = talk("chat", piped="one\ntwo\n")
    assert (code, out) == (1, "yes\n")
    assert "conure: no" in err
    assert [message.text for message in model.calls[1][0]] == ["two"]


def test_an_opening_question(talk: Talk) -> None:
    assert talk("chat", "Hello", "there", "--model", "test:echo")[1] == "Hello there\n"


def test_commands_of_a_conversation(talk: Talk, tmp_path: Path) -> None:
    page, data = tmp_path / "talk.md", tmp_path / "talk.json"
    lines = ["hi", f"/save {page}", f"/save {data}", "/model test:parrot", "/model", "/system Be"]
    lines += ["/system", "/help", "/nothing", "/save", "/quit", "never heard"]
    code, out, err = talk("chat", "--model", "test:echo", piped="\n".join(lines))
    assert (code, out) == (0, "hi\n")
    assert page.read_text() == "**human**\n\nhi\n\n**ai**\n\nhi\n\n"
    assert "hi" in json.dumps(json.loads(data.read_text()))
    for said in (
        "2 messages in",
        "test:parrot: asked for",
        "Be\n",
        "/clear",
        "There is no /nothing",
    ):
        assert said in err


def test_a_model_that_does_not_exist_changes_nothing(talk: Talk) -> None:
    _, out, err = talk("chat", "--model", "test:echo", piped="/model nobody:x\nstill here\n")
    assert out == "still here\n"
    assert "nobody" in err


# -- models -------------------------------------------------------------------------------------


def test_models_says_what_is_usable_and_why_not(talk: Talk) -> None:
    os.environ["GROQ_API_KEY"] = "x"
    code, out, _ = talk("models")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("yes  groq")
    assert "GROQ_API_KEY is set" in lines[0]
    assert any(line.startswith("no   openai") and "set OPENAI_API_KEY" in line for line in lines)
    assert any(line.startswith("no   ollama") and "no server" in line for line in lines)
    assert lines[-1].startswith("Without --model: groq:")


def test_models_as_json(talk: Talk) -> None:
    listed = json.loads(talk("models", "--json")[1])
    parrot = listed[-1]
    assert parrot["provider"] == "test"
    assert parrot["usable"] is True
    assert {"provider", "usable", "why", "default_model"} == set(parrot)
