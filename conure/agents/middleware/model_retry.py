"""Models that fail, asked again."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...messages import AIMessage
from ...runnables.steps import Story
from .around import AroundModel, Below
from .retrying import OnFailure, Retries, RetryOn, worth_retrying
from .types import ModelRequest

__all__ = ["ModelRetryMiddleware"]


class ModelRetryMiddleware(AroundModel):
    """Ask the model again when it fails, with waits that grow.

    When the last attempt fails too, the run ends with a message that says so ("continue"), or
    what the function `on_failure` says of the error, or the error is raised ("error"). Models
    retry by themselves what is worth it at once (`max_retries` of the model): this is for more.

    >>> from conure.agents import create_agent
    >>> from conure.testing import ScriptedChatModel
    >>> model = ScriptedChatModel([ConnectionError("reset"), "here I am"])
    >>> agent = create_agent(model, middleware=[ModelRetryMiddleware(initial_delay=0)])
    >>> agent.invoke({"messages": "hello?"})["messages"][-1].text
    'here I am'
    """

    def __init__(
        self,
        *,
        max_retries: int = 2,
        retry_on: RetryOn = worth_retrying,
        on_failure: OnFailure = "continue",
        backoff_factor: float = 2.0,
        initial_delay: float = 1.0,
        max_delay: float = 60.0,
        jitter: bool = True,
    ) -> None:
        self.retries = Retries(
            max_retries=max_retries,
            retry_on=retry_on,
            on_failure=on_failure,
            backoff_factor=backoff_factor,
            initial_delay=initial_delay,
            max_delay=max_delay,
            jitter=jitter,
        ).checked(type(self).__name__)

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Ask, and again."""

        def give_up(error: Exception, count: int) -> Any:
            attempts = f"{count} attempt{'s' if count > 1 else ''}"
            why = f"{type(error).__name__}: {error}"
            return AIMessage(
                self.retries.words_for(error, f"Model call failed after {attempts} with {why}")
            )

        return (yield from self.retries.telling(partial(below, request), give_up))
