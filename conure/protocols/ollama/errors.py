"""Ollama's own chat API: what an error says, and the command that mends it.

https://docs.ollama.com/api/errors
"""

from __future__ import annotations

import re

from .. import ErrorReport
from ..errors import read_error as read_any_error

__all__ = ["read_error"]

# Older servers add ", try pulling it first".
NOT_PULLED = re.compile(r"""model ["']([^"']+)["'] not found""")


def read_error(body: bytes) -> ErrorReport:
    r"""Say what went wrong in the server's words, and what helps where a model is missing.

    >>> read_error(b'{"error": "model \'qwen3\' not found"}').message
    "model 'qwen3' not found. To get it: `ollama pull qwen3`."
    """
    report = read_any_error(body)
    missing = NOT_PULLED.search(report.message)
    if missing is None:
        return report
    return ErrorReport(
        f"{report.message}. To get it: `ollama pull {missing[1]}`.",
        code=report.code,
        type=report.type,
        param=report.param,
        body=report.body,
    )
