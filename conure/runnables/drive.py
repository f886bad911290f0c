"""The drivers of stories: they do each step, send the answer back, and close what was opened.

`run` and `arun` drive a story to its answer; `pump` and `apump` hand on what it emits. What a step
raises is thrown into the story; a consumer who leaves is thrown in as `Left`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, TypeVar

from .steps import Emit, Story

__all__ = ["Left", "apump", "arun", "pump", "run"]

Answer = TypeVar("Answer")


class Left(BaseException):
    """The consumer left the stream; thrown into the story so that it can still tell its run."""


def run(story: Story[Answer]) -> Answer:
    """Drive a story to its answer."""
    opened: list[Any] = []
    answer: Any = None
    error: BaseException | None = None
    try:
        while True:
            step = story.send(answer) if error is None else story.throw(error)
            answer = error = None
            try:
                answer = step.run()
            except BaseException as raised:
                error = raised
            else:
                if step.opens:
                    opened.append(answer)
    except StopIteration as stop:
        return stop.value
    finally:
        error = None  # it holds this frame, and this frame it
        for source in reversed(opened):
            _close(source)


async def arun(story: Story[Answer]) -> Answer:
    """Drive a story to its answer."""
    opened: list[Any] = []
    answer: Any = None
    error: BaseException | None = None
    try:
        while True:
            step = story.send(answer) if error is None else story.throw(error)
            answer = error = None
            try:
                answer = await step.arun()
            except BaseException as raised:
                error = raised
            else:
                if step.opens:
                    opened.append(answer)
    except StopIteration as stop:
        return stop.value
    finally:
        error = None
        for source in reversed(opened):
            await _aclose(source)


def pump(story: Story[Any]) -> Generator[Any, None, None]:
    """Drive a story, handing on what it emits."""
    opened: list[Any] = []
    answer: Any = None
    error: BaseException | None = None
    try:
        while True:
            step = story.send(answer) if error is None else story.throw(error)
            answer = error = None
            try:
                if type(step) is Emit:
                    yield step.piece
                else:
                    answer = step.run()
            except GeneratorExit:
                error = Left()
            except BaseException as raised:
                error = raised
            else:
                if step.opens:
                    opened.append(answer)
    except (StopIteration, Left):
        return
    finally:
        error = None
        for source in reversed(opened):
            _close(source)


async def apump(story: Story[Any]) -> AsyncGenerator[Any, None]:
    """Drive a story, handing on what it emits."""
    opened: list[Any] = []
    answer: Any = None
    error: BaseException | None = None
    try:
        while True:
            step = story.send(answer) if error is None else story.throw(error)
            answer = error = None
            try:
                if type(step) is Emit:
                    yield step.piece
                else:
                    answer = await step.arun()
            except GeneratorExit:
                error = Left()
            except BaseException as raised:
                error = raised
            else:
                if step.opens:
                    opened.append(answer)
    except (StopIteration, Left):
        return
    finally:
        error = None
        for source in reversed(opened):
            await _aclose(source)


def _close(source: Any) -> None:
    if close := getattr(source, "close", None):
        try:
            close()
        except ValueError as error:
            # A thread is still inside and closes it when it comes out.
            if "already executing" not in str(error):
                raise


async def _aclose(source: Any) -> None:
    if aclose := getattr(source, "aclose", None):
        await aclose()
    else:
        _close(source)
