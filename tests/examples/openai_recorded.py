"""What OpenAI really said to each example of the ChatOpenAI page: which recordings answer it.

`RECORDED` names, for each program, the recorded replies of its feature that answer its requests
in their order. `BUILT` are programs whose feature nobody recorded, or whose reply must fit a
class of the page: theirs are built from the API reference. `SILENT` ask for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.examples.openai_table import PAGE

__all__ = ["BUILT", "RECORDED", "SILENT", "Recorded"]


@dataclass
class Recorded:
    """The recordings of a program; `then` asks more, `unlike` says what it asks otherwise.

    Of a program with `head` only what stands before its agent runs: nobody recorded the agent.
    """

    ids: Sequence[str]
    then: str = ""
    unlike: Mapping[str, str] = field(default_factory=dict)
    head: bool = False


PAGE_S = "langchain.partners.openai."
OTHERS = "pydantic-ai.models.test_openai_responses."

FRENCH = ["agentops.test_openai_provider.0"]
AZURE = ["dd-trace-py.openai.v1.azure_chat_completion.0"]
ASKED = ["braintrust-sdk-java.openai.mappings.chat_completions-39f585d9410d.0"]
STRICT = ["braintrust-sdk-python.test_agent_with_tools.0"]
SEARCHED = [f"{PAGE_S}test_web_search.0"]
DRAWN = [f"{OTHERS}test_openai_responses_image_generation_jpeg.0"]
FILES = [f"{PAGE_S}test_file_search.0"]
COMPUTED = [f"{PAGE_S}test_code_interpreter.0"]
PATCHED = [f"{PAGE_S}test_apply_patch.0", f"{PAGE_S}test_apply_patch.2"]
SPOKEN = f"{OTHERS}test_openai_responses_model_mcp_server_tool.0"
UNSURE = [f"{PAGE_S}test_mcp_builtin.0", f"{PAGE_S}test_mcp_builtin.1"]
MANUAL = [f"logfire.otel_integrations.test_openai_agents.test_responses_simple.{n}" for n in (0, 1)]
BY_ID = [f"braintrust-sdk-ruby.openai.responses_with_previous_response_id.{n}" for n in (0, 1)]
ALONE = ["braintrust-sdk-ruby.openai.responses_with_previous_response_id.1"]
THOUGHT = [f"{OTHERS}test_openai_responses_model_thinking_part.0"]
ALOUD = [
    "dd-trace-js.dd-trace.openai.openai_chat_completions_post_797109e5.0",
    "dd-trace-js.dd-trace.openai.openai_chat_completions_post_a0ea5208.0",
]
CACHED = [
    f"pydantic-ai.models.test_openai_prompt_cache.test_openai_chat_prompt_cache_e2e.{n}"
    for n in (0, 1)
]
SEEN = [
    "braintrust-sdk-javascript.openai-instrumentation.__cassettes__.openai-v6.cassette.2",
    "crewai.crewai.testagentmultimodalopenairesponses.test_image_file-openai-gpt-4o-mini-responses.0",
]
READ = [
    "braintrust-sdk-javascript.openai-instrumentation.__cassettes__.openai-v6.cassette.3",
    "crewai.crewai.testagentmultimodalopenairesponses.test_pdf_file-openai-gpt-4o-mini-responses.0",
]
HEARD = ["pydantic-ai.models.test_openai.test_audio_as_binary_content_input.0"]

AS_TEXT = "llm.invoke([message])"
BOTH = f"""
{PAGE["S-188"]}
from conure.openai import ChatOpenAI
for use in (False, True):
    ChatOpenAI(model="gpt-5.4-mini", use_responses_api=use).invoke([message])
"""
ROUNDS = """
from conure.tools import run_tool_calls
messages = [("user", "Use the tool to calculate 3^3.")]
messages.append(llm.bind_tools([execute_code]).invoke(messages))
messages += run_tool_calls(messages[-1], [execute_code])
llm.bind_tools([execute_code]).invoke(messages)
"""
FOUND = """
from conure.tools import run_tool_calls
model = model.bind_tools([get_weather, get_recipe, {"type": "tool_search"}])
messages = [("user", "What's the weather in San Francisco?")]
messages.append(model.invoke(messages))
messages += run_tool_calls(messages[-1], [get_weather])
model.invoke(messages)
"""
LOADED = """
from conure.openai import ChatOpenAI
from conure.messages import HumanMessage
from conure.tools import run_tool_calls
model = ChatOpenAI(model="gpt-5.5", use_responses_api=True).bind_tools([tool_search_config])
messages = [HumanMessage("What's the weather in San Francisco?")]
messages.append(model.invoke(messages))
(asked,) = [one for one in messages[-1].content if one["type"] == "tool_search_call"]
output = {
    "type": "tool_search_output",
    "execution": "client",
    "call_id": asked["call_id"],
    "status": "completed",
    "tools": search_tools(asked["arguments"]["goal"]),
}
messages.append(HumanMessage([output]))
messages.append(model.invoke(messages))
messages += run_tool_calls(messages[-1], [get_weather])
model.invoke(messages)
"""
COMPACTING = """
messages = [("user", "Summarise this: " + "a" * 1000)]
for question in ("Again.", "And again."):
    messages += [model.invoke(messages), ("user", question)]
model.invoke(messages)
"""
MADE = """
from conure.openai import ChatOpenAI
ChatOpenAI(model="gpt-5-nano").invoke("hello")
"""
SOUND = f"""
{PAGE["S-188"]}
from conure.openai import ChatOpenAI
ChatOpenAI(model="gpt-4o-audio-preview").invoke([message])
"""
GOING_ON = """
first = llm.invoke("Hi, I'm Bob.")
llm.invoke([("user", "Hi, I'm Bob."), first, ("user", "What is my name?")])
"""
AGAIN = 'llm.invoke("hello")'

RECORDED: dict[str, Recorded] = {
    "S-103": Recorded(FRENCH, MADE),
    "S-106": Recorded(FRENCH),
    "S-107": Recorded(FRENCH),
    "S-108": Recorded(FRENCH),
    "S-110": Recorded(
        ["braintrust-sdk-java.openai.mappings.chat_completions-03b1b9901179.0"],
        'for chunk in llm.stream("hello"): pass',
    ),
    "S-111": Recorded(AZURE),
    "S-112": Recorded(AZURE),
    "S-114": Recorded(FRENCH),
    "S-116": Recorded(ASKED, 'llm_with_tools.invoke("hello")'),
    "S-117": Recorded(ASKED),
    "S-119": Recorded(STRICT),
    "S-121": Recorded(STRICT),
    "S-123": Recorded([f"{PAGE_S}test_custom_tool.{n}" for n in (0, 1)], ROUNDS, head=True),
    "S-132": Recorded(SEARCHED),
    "S-133": Recorded(SEARCHED),
    "S-134": Recorded(SEARCHED),
    "S-136": Recorded([*SEARCHED, f"{PAGE_S}test_web_search.1"]),
    "S-137": Recorded(DRAWN),
    "S-138": Recorded(DRAWN),
    "S-139": Recorded(DRAWN),
    "S-140": Recorded(FILES),
    "S-142": Recorded(FILES),
    "S-144": Recorded(FILES),
    "S-146": Recorded(FILES),
    "S-148": Recorded([f"{PAGE_S}test_tool_search.{n}" for n in (0, 1)], FOUND, head=True),
    "S-150": Recorded(
        [f"{PAGE_S}test_client_executed_tool_search.{n}" for n in (0, 1, 2)], LOADED, head=True
    ),
    "S-163": Recorded(COMPUTED),
    "S-164": Recorded(
        [*COMPUTED, f"{PAGE_S}test_code_interpreter.2"],
        'llm_with_tools.invoke([("user", "3^4?"), response, ("user", "More comments.")])',
    ),
    "S-165": Recorded(PATCHED[:1]),
    "S-166": Recorded(PATCHED[:1]),
    "S-168": Recorded(PATCHED),
    "S-169": Recorded([SPOKEN]),
    "S-170": Recorded([SPOKEN, UNSURE[0]]),
    "S-171": Recorded([SPOKEN, *UNSURE]),
    "S-172": Recorded(MANUAL[:1]),
    "S-174": Recorded(MANUAL),
    "S-176": Recorded(BY_ID),
    "S-178": Recorded(BY_ID, GOING_ON),
    "S-179": Recorded(ALONE),
    "S-180": Recorded(ALONE),
    "S-181": Recorded([f"{PAGE_S}test_compaction.{n}" for n in (0, 1, 2)], COMPACTING),
    "S-182": Recorded(THOUGHT),
    "S-184": Recorded(THOUGHT),
    "S-188": Recorded(SEEN[:1], AS_TEXT),
    "S-189": Recorded(SEEN, BOTH),
    "S-190": Recorded(SEEN, BOTH),
    "S-191": Recorded(READ, BOTH),
    "S-192": Recorded(HEARD, SOUND),
    "S-195": Recorded(ALOUD[:1]),
    "S-197": Recorded(ALOUD),
    "S-198": Recorded(CACHED[:1]),
    "S-199": Recorded([*CACHED, *CACHED]),
    "S-200": Recorded([*CACHED, *CACHED[:1]]),
    "S-201": Recorded(
        ["langsmith-sdk.integration_tests.test_openai_test_wrap_openai_chat_tokens.4"], AGAIN
    ),
}

CHAT = "https://platform.openai.com/docs/api-reference/chat/object"
RESPONSES = "https://platform.openai.com/docs/api-reference/responses/object"
_SHAPED = f"the reply must fit a class of the page; built from {CHAT}"
_COMPUTER = f"nobody recorded computer use; built from {RESPONSES}"

BUILT: dict[str, str] = {
    "S-125": f"nobody recorded a grammar; built from {RESPONSES}",
    "S-127": _SHAPED,
    "S-129": _SHAPED,
    "S-131": _SHAPED,
    "S-153": _COMPUTER,
    "S-154": _COMPUTER,
    "S-156": _COMPUTER,
    "S-157": _COMPUTER,
    "S-158": _COMPUTER,
    "S-160": _COMPUTER,
    "S-161": _COMPUTER,
    "S-186": f"nobody recorded a fine-tuned model; built from {CHAT}",
    "S-187": f"nobody recorded a fine-tuned model; built from {CHAT}",
    "S-193": f"nobody recorded a prediction; built from {CHAT}",
}

# What is said of installing, of the environment, of constructors; and what others print.
SILENT = frozenset({
    "S-101", "S-102", "S-104", "S-105", "S-109", "S-113", "S-115", "S-118", "S-120", "S-122",
    "S-124", "S-126", "S-128", "S-130", "S-135", "S-141", "S-143",
    "S-145", "S-147", "S-149", "S-151", "S-152", "S-155", "S-159", "S-162",
    "S-167", "S-173", "S-175", "S-177", "S-183", "S-185", "S-194", "S-196",
})  # fmt: skip
