"""Recording a real exchange and answering from the record, through the public API."""

from __future__ import annotations

import json

import pytest

from conure.errors import ConureError
from conure.testing import Recorder, Replay
from tests.live.asking import MODES, ask, model_at, whole, written
from tests.live.server import FaultServer, reply, sse

SECRET = "sk-very-secret"


@pytest.mark.parametrize("mode", MODES)
def test_what_was_recorded_is_answered_again(mode, tmp_path):
    path = tmp_path / "exchange.json"
    script = sse(*written()) if "stream" in mode else [reply(whole())]
    with FaultServer(script) as server:
        recorded = ask(model_at(server, api_key=SECRET, transport=Recorder(path)), mode)
        url = server.url
    assert SECRET not in path.read_text(encoding="utf-8")
    json.loads(path.read_text(encoding="utf-8"))

    class Gone:
        pass

    Gone.url = url
    replay = Replay(path)
    again = ask(model_at(Gone, api_key="another", transport=replay), mode)
    assert again.content == recorded.content == "hello there"
    assert again.usage_metadata == recorded.usage_metadata
    assert again.response_metadata == recorded.response_metadata
    with pytest.raises(ConureError):
        ask(model_at(Gone, transport=replay), mode)
    with pytest.raises(ConureError, match="something else"):
        ask(model_at(Gone, transport=Replay(path)), mode, "something else")
