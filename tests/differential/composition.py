"""Programs that join models with functions, and listen."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply

__all__: list[str] = []

ECHO = Reply(echo=True)
RUNNABLES = """
from langchain_core.runnables import (RunnableLambda, RunnableParallel, RunnablePassthrough,
                                      RunnableSequence)
from langchain_core.output_parsers import StrOutputParser, JsonOutputParser
"""
for name, source in {
    "function-before": 'show(((lambda x: x.upper()) | model()).invoke("hi").text)',
    "function-after": 'show((model() | (lambda m: m.text)).invoke("hi"))',
    "str-parser": 'show((model() | StrOutputParser()).invoke("hi"))',
    "str-parser-stream": 'show("".join((model() | StrOutputParser()).stream("hi")))',
    "dict": 'show(({"a": RunnablePassthrough(), "b": lambda x: x + "!"} | RunnableLambda(dict))'
    '.invoke("hi"))',
    "parallel": 'show(RunnableParallel(a=model() | StrOutputParser(), b=lambda x: x).invoke("hi"))',
    "assign": 'show(RunnablePassthrough.assign(b=lambda d: d["a"] + 1).invoke({"a": 1}))',
    "pick": 'show(RunnablePassthrough().pick("a").invoke({"a": 1, "b": 2}))',
    "lambda": "show(RunnableLambda(lambda x: x + 1).invoke(1))",
    "lambda-async": "async def f(x):\n    return x + 1\nshow(await RunnableLambda(f).ainvoke(1))",
    "lambda-batch": "show(RunnableLambda(lambda x: x + 1).batch([1, 2, 3]))",
    "lambda-returns-runnable": "show(RunnableLambda(lambda x: RunnableLambda(lambda y: y * 2))"
    ".invoke(3))",
    "lambda-raises": "RunnableLambda(lambda x: 1 / x).invoke(0)",
    "lambda-recursion": "r = RunnableLambda(lambda x: r)\nr.invoke(1)",
    "map": "show(RunnableLambda(lambda x: x + 1).map().invoke([1, 2]))",
    "pipe": 'show(model().pipe(StrOutputParser()).invoke("hi"))',
    "sequence": 'show(RunnableSequence(lambda x: x + "!", model(), StrOutputParser()).invoke("hi"))',
    "sequence-batch": 'show((model() | StrOutputParser()).batch(["a", "b"]))',
    "with-config-tags": 'show(model().with_config(tags=["t"]).invoke("hi").text)',
    "with-types": "show(RunnableLambda(lambda x: x).with_types(input_type=int).invoke(1))",
    "config-in-function": "def f(x, config):\n    return sorted(config['tags'])\n"
    "show(RunnableLambda(f).invoke(1, config={'tags': ['b', 'a']}))",
    "prompt-function": "def ask(topic):\n    return [('system', 'Be brief.'), ('user', topic)]\n"
    "show((RunnableLambda(ask) | model() | StrOutputParser()).invoke('birds'))",
    "not-runnable": "model() | 5",
    "retry-lambda": "n = []\ndef f(x):\n    n.append(x)\n    if len(n) < 3:\n        raise ValueError(x)\n"
    "    return len(n)\nshow(RunnableLambda(f).with_retry(wait_exponential_jitter=False).invoke(1))",
    "fallback-lambda": "show(RunnableLambda(lambda x: 1 / 0).with_fallbacks("
    "[RunnableLambda(lambda x: 'saved')]).invoke(1))",
    "exception-key": "def f(d):\n    return type(d['error']).__name__\n"
    "def bad(d):\n    raise KeyError('k')\n"
    "show(RunnableLambda(bad).with_fallbacks([RunnableLambda(f)], exception_key='error')"
    ".invoke({'x': 1}))",
    "bind-in-chain": 'show((model().bind(stop=["x"]) | StrOutputParser()).invoke("hi"))',
}.items():
    program(f"chain-{name}", RUNNABLES + source, ECHO, unordered="batch" in name)
program(
    "chain-json-parser",
    RUNNABLES + 'show((model() | JsonOutputParser()).invoke("hi"))',
    Reply('```json\n{"a": [1, 2]}\n```'),
)
program(
    "chain-json-parser-fails",
    RUNNABLES + '(model() | JsonOutputParser()).invoke("hi")',
    Reply("no json here"),
)

HANDLER = """
from langchain_core.callbacks import BaseCallbackHandler

class Heard(BaseCallbackHandler):
    def __init__(self):
        self.names = []
        self.facts = {}
        self.tokens = []
    def on_chat_model_start(self, serialized, messages, **facts):
        self.names.append("chat_model_start")
        self.facts = facts
        self.asked = messages[0][0].content
    def on_llm_new_token(self, token, **facts):
        if token:
            self.tokens.append(token)
    def on_llm_end(self, response, **facts):
        self.names.append("llm_end")
        self.end = response.generations[0][0].message.text
    def on_llm_error(self, error, **facts):
        self.names.append("llm_error")
    def on_chain_start(self, serialized, inputs, **facts):
        self.names.append("chain_start")
    def on_chain_end(self, outputs, **facts):
        self.names.append("chain_end")
    def on_chain_error(self, error, **facts):
        self.names.append("chain_error")
    def on_tool_start(self, serialized, input_str, **facts):
        self.names.append("tool_start")
        self.inputs = facts.get("inputs")
    def on_tool_end(self, output, **facts):
        self.names.append("tool_end")
    def on_tool_error(self, error, **facts):
        self.names.append("tool_error")

heard = Heard()
config = {"callbacks": [heard]}
"""
for name, source in {
    "invoke": 'model().invoke("hi", config)\nshow(heard.names, heard.asked, heard.end, heard.tokens)',
    "stream": 'list(model().stream("hi", config))\nshow(heard.names, heard.tokens)',
    "constructor": 'model(callbacks=[heard]).invoke("hi")\nshow(heard.names)',
    "streaming": 'model(streaming=True).invoke("hi", config)\nshow(heard.names, heard.tokens)',
    "facts": 'model(tags=["own"], metadata={"own": 1}).invoke("hi", {**config, "run_name": "joke",'
    ' "tags": ["b", "a"], "metadata": {"user": 1}})\n'
    'f = heard.facts\nshow(f["name"], sorted(f["tags"]), f["metadata"]["user"], f["metadata"]["own"],'
    ' f["metadata"]["ls_provider"], f["metadata"]["ls_model_name"], f["metadata"]["ls_model_type"])',
    "temperature-facts": 'model(temperature=0.3, max_tokens=5).invoke("hi", config)\n'
    'm = heard.facts["metadata"]\nshow(m["ls_temperature"], m["ls_max_tokens"])',
    "chain": "from langchain_core.output_parsers import StrOutputParser\n"
    '(model() | StrOutputParser()).invoke("hi", config)\nshow(heard.names)',
    "tool": '@tool\ndef f(x: int) -> int:\n    "Do it."\n    return x\nf.invoke({"x": 1}, config)\n'
    "show(heard.names, heard.inputs)",
    "tool-error": '@tool\ndef f(x: int) -> int:\n    "Do it."\n    raise ValueError("no")\n'
    'attempt(lambda: f.invoke({"x": 1}, config))\nshow(heard.names)',
    "nested": "from langchain_core.runnables import RunnableLambda\n"
    'RunnableLambda(lambda x: model().invoke(x).text).invoke("hi", config)\nshow(heard.names)',
    "usage-handler": "from langchain_core.callbacks import UsageMetadataCallbackHandler\n"
    'cb = UsageMetadataCallbackHandler()\nm = model()\nm.invoke("a", {"callbacks": [cb]})\n'
    'm.invoke("b", {"callbacks": [cb]})\nshow(cb.usage_metadata)',
    "usage-context": "from langchain_core.callbacks import get_usage_metadata_callback\n"
    "with get_usage_metadata_callback() as cb:\n"
    '    model().invoke("a")\n    model("gpt-4o-mini").invoke("b")\n    list(model().stream("c"))\n'
    "show(cb.usage_metadata)",
    "usage-batch": "from langchain_core.callbacks import get_usage_metadata_callback\n"
    'with get_usage_metadata_callback() as cb:\n    model().batch(["a", "b"])\nshow(cb.usage_metadata)',
    "with-listeners": "seen = []\n"
    'model().with_listeners(on_start=lambda run: seen.append("start"),'
    ' on_end=lambda run: seen.append("end")).invoke("hi")\nshow(seen)',
}.items():
    program(f"callbacks-{name}", HANDLER + source, Reply("ho ho"), unordered="batch" in name)
program(
    "callbacks-error",
    HANDLER + 'attempt(lambda: model().invoke("hi", config))\nshow(heard.names)',
    Reply(status=400, body={"error": {"message": "bad"}}),
)
program(
    "rate-limiter",
    """
    from langchain_core.rate_limiters import InMemoryRateLimiter
    limiter = InMemoryRateLimiter(requests_per_second=1000, check_every_n_seconds=0.001,
                                  max_bucket_size=5)
    m = model(rate_limiter=limiter)
    show(m.invoke("a").text, (await m.ainvoke("b")).text)
    """,
)
program("rate-limiter-positional", "from langchain_core.rate_limiters import InMemoryRateLimiter\n"
        "InMemoryRateLimiter(1)")  # fmt: skip
program("rate-limiter-defaults", "from langchain_core.rate_limiters import InMemoryRateLimiter\n"
        "l = InMemoryRateLimiter()\n"
        "show(l.requests_per_second, l.check_every_n_seconds, l.max_bucket_size)")  # fmt: skip
program(
    "rate-limiter-not-blocking",
    "from langchain_core.rate_limiters import InMemoryRateLimiter\n"
    "l = InMemoryRateLimiter(requests_per_second=0.001, max_bucket_size=1)\n"
    "l.acquire(blocking=False)\nshow(l.acquire(blocking=False))",
)
