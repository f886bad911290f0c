"""A long conversation made shorter: a summary in the place of its older part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias, TypedDict, cast

from ...chat_models.model import ChatModel
from ...errors import ConfigurationError
from ...messages import AIMessage, BaseMessage, HumanMessage, RemoveMessage, ToolMessage
from ...messages.buffer import get_buffer_string
from ...messages.count import count_tokens_approximately
from ...messages.history import REMOVE_ALL_MESSAGES
from ...messages.trim import trim_messages
from ...runnables.base import Runnable
from ...runnables.drive import arun, run
from ...runnables.steps import Invoke, Story
from .around import AskUser
from .models import opened
from .types import AgentMiddleware

__all__ = ["ContextSize", "SummarizationMiddleware", "TriggerClause"]

ContextSize: TypeAlias = tuple[Literal["fraction", "tokens", "messages"], float]
"""how long a conversation is: ("fraction", 0.8) of what the model reads at most, …"""
PROMPT = """Below is the older part of a conversation between a user and an assistant that works \
for them. It will be replaced by what you write now, so write down all that the assistant needs to \
go on, and nothing else:

1. What the user wants, in the user's own terms, with every condition they set.
2. What was found out, decided and done, with names, numbers, paths and identifiers as they are, \
and what was rejected and why: nothing is to be done twice.
3. What was made or changed, and where it is.
4. What remains to be done.

<conversation>
{messages}
</conversation>"""
SIZES = ("fraction", "tokens", "messages")


class TriggerClause(TypedDict, total=False):
    """Sizes that must all be reached."""

    fraction: float
    tokens: int
    messages: int


class SummarizationMiddleware(AgentMiddleware[Any, Any, Any]):
    """Put a summary in the place of the older part of a conversation once it is long.

    `trigger` says when: a size, a `TriggerClause` of sizes all reached, or a list of these of
    which one is enough. `keep` says how much of the newest part stays as it is; calls stay with
    their results. Fractions need a model whose `profile` knows how much it reads. A `summarizer`,
    a model, a runnable or a function of the messages, writes the summary in the place of `model`;
    with `trim_tokens_to_summarize` it is given no more than so many of the newest tokens.

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel, ScriptedChatModel
    >>> shorter = SummarizationMiddleware(
    ...     ScriptedChatModel(["They greeted."]), trigger=("messages", 4), keep=("messages", 1)
    ... )
    >>> agent = create_agent(EchoChatModel(), middleware=[shorter])
    >>> said = [
    ...     ("user", "hi"),
    ...     ("ai", "hello"),
    ...     ("user", "how are you?"),
    ...     ("ai", "fine"),
    ...     ("user", "good"),
    ... ]
    >>> print(agent.invoke({"messages": said})["messages"][0].text)
    Here is a summary of the conversation to date:
    <BLANKLINE>
    They greeted.
    """

    def __init__(
        self,
        model: str | ChatModel,
        *,
        trigger: ContextSize | TriggerClause | Sequence[ContextSize | TriggerClause] | None = None,
        keep: ContextSize = ("messages", 20),
        token_counter: Callable[[Sequence[BaseMessage]], int] = count_tokens_approximately,
        summary_prompt: str = PROMPT,
        trim_tokens_to_summarize: int | None = None,
        summarizer: str | ChatModel | Runnable[Any, Any] | Callable[..., Any] | None = None,
    ) -> None:
        self.model = opened(model)
        given = trigger if isinstance(trigger, list) else [] if trigger is None else [trigger]
        self.trigger = [_clause(one) for one in cast("list[Any]", given)]
        self.keep = _size(keep, "keep")
        self.token_counter = token_counter
        if "{messages}" not in summary_prompt:
            raise ConfigurationError('summary_prompt says with "{messages}" where they stand')
        self.summary_prompt = summary_prompt
        self.trim_tokens_to_summarize = trim_tokens_to_summarize
        self.summarizer: Any = opened(summarizer) if isinstance(summarizer, str) else summarizer
        if any("fraction" in clause for clause in [*self.trigger, dict([self.keep])]):
            self._most()

    def before_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Shorten it, in sync."""
        del runtime
        return run(self._shortened(state["messages"]))

    async def abefore_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Shorten it, in async."""
        del runtime
        return await arun(self._shortened(state["messages"]))

    def _shortened(self, messages: list[BaseMessage]) -> Story[dict[str, Any] | None]:
        if not self._is_long(messages):
            return None
        cut = self._cut(messages)
        if cut <= 0:
            return None
        summary = yield from self._summary(messages[:cut])
        said = HumanMessage(
            f"Here is a summary of the conversation to date:\n\n{summary}",
            additional_kwargs={"lc_source": "summarization"},
        )
        return {"messages": [RemoveMessage(REMOVE_ALL_MESSAGES), said, *messages[cut:]]}

    def _is_long(self, messages: list[BaseMessage]) -> bool:
        if not self.trigger:
            return False
        tokens = self.token_counter(messages)
        sizes = {"messages": len(messages), "tokens": tokens}
        return any(
            all(
                tokens >= value * self._most() if kind == "fraction" else sizes[kind] >= value
                for kind, value in clause.items()
            )
            for clause in self.trigger
        )

    def _cut(self, messages: list[BaseMessage]) -> int:
        """Say where the part begins that stays."""
        kind, value = self.keep
        if kind == "messages":
            cut = len(messages) - int(value)
        else:
            most = value * self._most() if kind == "fraction" else value
            cut = len(messages)
            # Found from the end: that part is the shorter one, as a rule.
            while cut > 0 and self.token_counter(messages[cut - 1 :]) <= most:
                cut -= 1
            # The model has nothing to answer when all is gone.
            cut = min(cut, len(messages) - 1)
        while 0 < cut < len(messages) and isinstance(messages[cut], ToolMessage):
            cut -= 1
        return cut

    def _most(self) -> int:
        profile = self.model.profile
        most = None if profile is None else profile.get("max_input_tokens")
        if not isinstance(most, int):
            raise ConfigurationError(
                "SummarizationMiddleware: it is not known how much this model reads, so a "
                'fraction says nothing: give ("tokens", …), or the model a '
                'profile={"max_input_tokens": …}'
            )
        return most

    def _summary(self, messages: list[BaseMessage]) -> Story[str]:
        if self.trim_tokens_to_summarize is not None:
            messages = trim_messages(
                messages,
                max_tokens=self.trim_tokens_to_summarize,
                token_counter=self.token_counter,
                allow_partial=True,
                keep_tool_results=False,
            )
        writer = self.summarizer
        config: Any = {"metadata": {"lc_source": "summarization"}}
        if writer is None or isinstance(writer, ChatModel):
            prompt = self.summary_prompt.replace("{messages}", get_buffer_string(messages))
            answer = yield from Invoke(writer or self.model, prompt, config)
        elif isinstance(writer, Runnable):
            answer = yield from Invoke(cast("Any", writer), messages, config)
        else:
            answer = yield from AskUser(partial(writer, messages))
        summary = str(answer.text) if isinstance(answer, AIMessage) else answer
        if not isinstance(summary, str) or not summary.strip():
            raise ConfigurationError(
                f"the summary of the conversation is {summary!r} and no text: it was not "
                "shortened, as all of it would be lost"
            )
        return summary.strip()


def _clause(given: Any) -> dict[str, float]:
    if isinstance(given, Mapping):
        clause = cast("Mapping[str, float]", given)
        if not clause:
            raise ConfigurationError(f"trigger: a clause names one of {', '.join(SIZES)}")
        return dict(_size(one, "trigger") for one in clause.items())
    return dict([_size(given, "trigger")])


def _size(given: Any, where: str) -> tuple[str, float]:
    if not isinstance(given, tuple) or len(cast("Any", given)) != 2:
        raise ConfigurationError(f'{where}={given!r} is no size such as ("messages", 20)')
    kind, value = cast("tuple[Any, Any]", given)
    if kind not in SIZES:
        raise ConfigurationError(f"{where}: {kind!r} is none of {', '.join(SIZES)}")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or value <= 0 or (kind == "fraction" and value > 1):
        fits = "a number above 0 and up to 1" if kind == "fraction" else "a number above 0"
        raise ConfigurationError(f"{where}: the {kind} is {value!r} and not {fits}")
    if kind != "fraction" and value != int(value):
        raise ConfigurationError(f"{where}: the {kind} is {value!r} and no whole number")
    return kind, value
