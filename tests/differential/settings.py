"""Programs that set parameters: at construction, bound, for one call."""

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply

__all__: list[str] = []

for name, given in {
    "temperature": "temperature=0.5",
    "temperature-zero": "temperature=0",
    "top-p": "top_p=0.3",
    "max-tokens": "max_tokens=50",
    "max-completion-tokens": "max_completion_tokens=51",
    "stop-str": 'stop="END"',
    "stop-list": 'stop=["a", "b"]',
    "stop-sequences": 'stop_sequences=["a"]',
    "seed": "seed=7",
    "n": "n=2",
    "penalties": "presence_penalty=0.1, frequency_penalty=-0.2",
    "logprobs": "logprobs=True, top_logprobs=2",
    "logit-bias": "logit_bias={50256: -100}",
    "reasoning-effort": 'reasoning_effort="low"',
    "verbosity": 'verbosity="low"',
    "service-tier": 'service_tier="flex"',
    "store": "store=True",
    "model-kwargs": 'model_kwargs={"user": "u1", "prompt_cache_key": "k"}',
    "extra-body": 'extra_body={"own": {"a": 1}}',
    "headers": 'default_headers={"X-Own": "1"}',
    "query": 'default_query={"api-version": "2"}',
    "organization": 'organization="org-1"',
    "api-key": 'api_key="sk-other"',
    "api-key-function": 'api_key=lambda: "sk-made"',
    "timeout": "timeout=5",
    "name-and-tags": 'tags=["t"], metadata={"m": 1}, name="mine"',
    "response-headers": "include_response_headers=True",
    "unknown": "temprature=1",
    "temperature-str": 'temperature="hot"',
    "negative-retries": "seed=None, top_p=None",
}.items():
    program(f"settings-{name}", f'show(model({given}).invoke("hello"))')

for name, given in {
    "temperature": "temperature=0.5",
    "stop": 'stop=["a"]',
    "max-tokens": "max_tokens=9",
    "user": 'user="u1"',
    "extra-headers": 'extra_headers={"X-Own": "2"}',
    "extra-body": 'extra_body={"own": 1}',
    "model": 'model="gpt-4.1"',
    "response-format": 'response_format={"type": "json_object"}',
    "prediction": 'prediction={"type": "content", "content": "x"}',
    "prompt-cache-key": 'prompt_cache_key="k"',
    "unknown": "temprature=1",
}.items():
    program(f"call-{name}", f'show(model(temperature=0.1).invoke("hello", {given}))')
    program(f"bind-{name}", f'show(model(temperature=0.1).bind({given}).invoke("hello"))')

program("bind-twice", 'show(model().bind(seed=1, stop=["a"]).bind(seed=2).invoke("hello"))')
program("bind-and-call", 'show(model().bind(seed=1).invoke("hello", seed=3))')
program(
    "bind-then-tools",
    """
    def f(x: int) -> int:
        "Do it."
    show(model().bind(temperature=0.1).bind_tools([f]).invoke("hello"))
    """,
)
program("max-tokens-elsewhere", 'show(model(max_tokens=5).invoke("hello"))', elsewhere=True)
program("gpt-5-temperature", 'show(model("gpt-5", temperature=0.2).invoke("hello"))')
program("gpt-5-chat-temperature", 'show(model("gpt-5-chat-latest", temperature=0.2).invoke("hi"))')
program("init-prefix", 'show(init_chat_model("openai:gpt-4.1", temperature=0).invoke("hello"))')
program("init-infer", 'show(init_chat_model("gpt-4.1").invoke("hello"))')
program("init-provider", 'show(init_chat_model("own", model_provider="openai").invoke("hello"))')
program("init-unknown-model", 'init_chat_model("no-such-thing")')
program("init-unknown-provider", 'init_chat_model("m", model_provider="nobody")')
program(
    "init-base-url",
    """
    import os
    os.environ.pop("OPENAI_PROXY")
    m = init_chat_model("m", model_provider="openai", base_url=os.environ["HERE"], api_key="own")
    show(m.invoke("hello"))
    """,
)
program(
    "configurable",
    """
    m = init_chat_model(temperature=0)
    show(m.invoke("hello", config={"configurable": {"model": "gpt-4.1"}}))
    show(m.invoke("hello", config={"configurable": {"model": "openai:gpt-4o"}}))
    """,
)
program(
    "configurable-prefix",
    """
    m = init_chat_model("gpt-4.1", temperature=0, config_prefix="first",
                        configurable_fields=("model", "temperature", "max_tokens"))
    show(m.invoke("hello"))
    config = {"configurable": {"first_model": "gpt-4o", "first_temperature": 0.5, "temperature": 2}}
    show(m.invoke("hello", config=config))
    show(m.with_config(configurable={"first_max_tokens": 7}).invoke("hello"))
    """,
)
program(
    "configurable-tools",
    """
    def f(x: int) -> int:
        "Do it."
    m = init_chat_model(temperature=0).bind_tools([f])
    show(m.invoke("hello", config={"configurable": {"model": "gpt-4.1"}}))
    """,
)
program(
    "configurable-structured",
    """
    schema = {"title": "Movie", "description": "M.", "type": "object", "required": ["title"],
              "properties": {"title": {"type": "string"}}}
    m = init_chat_model(temperature=0).with_structured_output(schema)
    show(m.invoke("hello", config={"configurable": {"model": "gpt-4.1"}}))
    """,
    Reply('{"title": "Up"}'),
)
program("configurable-without-model", 'init_chat_model().invoke("hello")')
program(
    "configurable-any",
    """
    m = init_chat_model("gpt-4.1", configurable_fields="any")
    show(m.invoke("hello", config={"configurable": {"temperature": 0.4, "seed": 3}}))
    """,
)
program(
    "configurable-fields",
    """
    from langchain_core.runnables import ConfigurableField
    m = model(temperature=0).configurable_fields(temperature=ConfigurableField(id="heat"))
    show(m.invoke("hello"), m.invoke("hello", config={"configurable": {"heat": 0.7}}))
    """,
    # Behind a proxy the reference cannot make the model again.
    elsewhere=True,
)
program(
    "configurable-alternatives",
    """
    from langchain_core.runnables import ConfigurableField
    m = model().configurable_alternatives(ConfigurableField(id="llm"), default_key="big",
                                          small=model("gpt-4o-mini"))
    show(m.invoke("hello"), m.invoke("hello", config={"configurable": {"llm": "small"}}))
    """,
)
program("no-key", 'import os\ndel os.environ["OPENAI_API_KEY"]\nmodel()')
program(
    "attributes", "m = model(temperature=0.2)\nshow(m.temperature, m.model_name, m.max_retries)"
)
program("key-is-hidden", 'show("sk-test" in repr(model()) + str(model()))')
