"""Both colours of every verb behind one face, so that each test is written once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.unit.runnables.doubles import Recorder


class Sync:
    """Calls as sync code makes them."""

    name = "sync"

    def invoke(self, runnable: Any, *args: Any, **kwargs: Any) -> Any:
        return runnable.invoke(*args, **kwargs)

    def stream(self, runnable: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return list(runnable.stream(*args, **kwargs))

    def transform(self, runnable: Any, pieces: list[Any], *args: Any) -> list[Any]:
        return list(runnable.transform(iter(pieces), *args))

    def first(self, runnable: Any, *args: Any, **kwargs: Any) -> Any:
        """Take one piece of a stream and leave."""
        stream = runnable.stream(*args, **kwargs)
        piece = next(stream)
        stream.close()
        return piece

    def batch(self, runnable: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return runnable.batch(*args, **kwargs)

    def as_completed(self, runnable: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return list(runnable.batch_as_completed(*args, **kwargs))


class Async:
    """The same, awaited."""

    name = "async"

    def invoke(self, runnable: Any, *args: Any, **kwargs: Any) -> Any:
        return asyncio.run(runnable.ainvoke(*args, **kwargs))

    def stream(self, runnable: Any, *args: Any, **kwargs: Any) -> list[Any]:
        async def main() -> list[Any]:
            return [piece async for piece in runnable.astream(*args, **kwargs)]

        return asyncio.run(main())

    def transform(self, runnable: Any, pieces: list[Any], *args: Any) -> list[Any]:
        async def source() -> Any:
            for piece in pieces:
                yield piece

        async def main() -> list[Any]:
            return [piece async for piece in runnable.atransform(source(), *args)]

        return asyncio.run(main())

    def first(self, runnable: Any, *args: Any, **kwargs: Any) -> Any:
        async def main() -> Any:
            stream = runnable.astream(*args, **kwargs)
            piece = await anext(stream)
            await stream.aclose()
            return piece

        return asyncio.run(main())

    def batch(self, runnable: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return asyncio.run(runnable.abatch(*args, **kwargs))

    def as_completed(self, runnable: Any, *args: Any, **kwargs: Any) -> list[Any]:
        async def main() -> list[Any]:
            return [pair async for pair in runnable.abatch_as_completed(*args, **kwargs)]

        return asyncio.run(main())


@pytest.fixture(params=[Sync(), Async()], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()
