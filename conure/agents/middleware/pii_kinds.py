"""What kinds of personal data look like, found in texts and taken out of them.

Each detector answers the places it found; `STRATEGIES` say what is put there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, TypeAlias, TypedDict

from ...errors import ConfigurationError, ConureError

__all__ = ["DETECTORS", "STRATEGIES", "Detector", "PIIDetectionError", "PIIMatch", "detector_of"]


class PIIMatch(TypedDict):
    """A place in a text."""

    type: str
    value: str
    start: int
    end: int


Detector: TypeAlias = Callable[[str], "list[PIIMatch]"]


class PIIDetectionError(ConureError):
    """Report personal data where none may be. The message does not repeat it; `matches` does."""

    def __init__(self, pii_type: str, matches: Sequence[PIIMatch]) -> None:
        self.pii_type = pii_type
        self.matches = list(matches)
        count = len(self.matches)
        super().__init__(f"Detected {count} instance(s) of {pii_type} in text content")


def _by_pattern(kind: str, pattern: str, fits: Callable[[str], bool] | None = None) -> Detector:
    compiled = re.compile(pattern)

    def detect(text: str) -> list[PIIMatch]:
        return [
            {"type": kind, "value": found[0], "start": found.start(), "end": found.end()}
            for found in compiled.finditer(text)
            if found[0] and (fits is None or fits(found[0]))
        ]

    return detect


def _is_card(text: str) -> bool:
    """Check the last digit, as Luhn's rule says."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_LAST = r"[^\s<>\"{}|\\^`\[\].,;:!?)']"
"""what a sentence goes on with is no part of an address"""
_PATH = rf"/(?:[^\s<>\"]*{_LAST})?"
_URL = (
    rf"https?://[^\s<>\"{{}}|\\^`\[\]]*{_LAST}"
    # Without its scheme it says what it is by www. or by a path.
    rf"|(?<![@\w.])www\.[\w-]+(?:\.[\w-]+)+(?:{_PATH})?"
    rf"|(?<![@\w./-])[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{{2,}}{_PATH}"
)
DETECTORS: dict[str, Detector] = {
    "email": _by_pattern("email", r"\b[\w.%+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b"),
    "credit_card": _by_pattern("credit_card", r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", _is_card),
    "ip": _by_pattern(
        "ip",
        r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})(?![\w:])",
        _is_address,
    ),
    "mac_address": _by_pattern(
        "mac_address",
        r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])",
    ),
    "url": _by_pattern("url", _URL),
}


def detector_of(kind: str, given: Detector | str | None) -> Detector:
    """Give the detector of a kind: the built in one, one of a pattern, or the user's own."""
    if given is None:
        if kind not in DETECTORS:
            raise ConfigurationError(
                f"PIIMiddleware knows {', '.join(DETECTORS)} and not {kind!r}: give its "
                "detector=, a pattern or a function"
            )
        return DETECTORS[kind]
    if isinstance(given, str):
        try:
            return _by_pattern(kind, given)
        except re.error as error:
            raise ConfigurationError(
                f"PIIMiddleware: {given!r} is no regular expression: {error}"
            ) from error
    own = given

    def detect(text: str) -> list[PIIMatch]:
        found: list[Any] = list(own(text))
        return [_read(kind, one, text) for one in found]

    return detect


def _read(kind: str, match: Any, text: str) -> PIIMatch:
    try:
        start, end = match["start"], match["end"]
        return {
            "type": match.get("type", kind),
            "value": text[start:end],
            "start": start,
            "end": end,
        }
    except (TypeError, KeyError, AttributeError):
        raise ConfigurationError(
            f"the detector of {kind!r} answered {match!r}: a match is a dict with start and end"
        ) from None


def _mask(match: PIIMatch) -> str:
    value = match["value"]
    if match["type"] == "email":
        name, _, host = value.partition("@")
        return f"{name}@****.{host.rpartition('.')[2]}"
    if match["type"] == "url":
        return "[MASKED_URL]"
    if match["type"] == "ip" and "." in value:
        return f"*.*.*.{value.rpartition('.')[2]}"
    if match["type"] in ("credit_card", "mac_address"):
        kept = 4 if match["type"] == "credit_card" else 2
        return re.sub(r"\w", "*", value[:-kept]) + value[-kept:]
    return f"****{value[-4:]}" if len(value) > 4 else "****"


STRATEGIES: dict[str, Callable[[PIIMatch], str]] = {
    "redact": lambda match: f"[REDACTED_{match['type'].upper()}]",
    "mask": _mask,
    "hash": lambda match: (
        f"<{match['type']}_hash:{sha256(match['value'].encode()).hexdigest()[:8]}>"
    ),
}
"""what is put in the place of a match; the fourth, \"block\", raises"""
