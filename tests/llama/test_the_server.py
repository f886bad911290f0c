"""The fixture itself, asked without conure: a real server with a model of our own making."""

from __future__ import annotations


def test_it_serves_the_model_the_test_wrote(llama):
    status, answer = llama.get("/v1/models")
    assert status == 200
    assert [model["id"] for model in answer["data"]] == ["tiny"]
    assert answer["data"][0]["meta"]["n_params"] < 200_000


def test_it_is_idle_when_nobody_asks(llama):
    llama.wait_until_idle()
    assert llama.busy() == 0
