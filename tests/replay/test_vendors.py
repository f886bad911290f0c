"""The vendors' pages say what the recorded traffic shows, no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.replay.traffic import needs_traffic
from tests.replay.vendors import RECORDED, lines_of, table, written

pytestmark = needs_traffic


def test_the_pages_say_what_the_traffic_shows(record_property: Any) -> None:
    found = table()
    print(f"{'vendor':22} {'protocol':17} {'lines':>5} {'passed':>6}")
    for row, protocols in found.items():
        for protocol, counts in protocols.items():
            lines, passed = lines_of(counts)
            record_property(f"{row}, {protocol}", f"{passed} of {lines}")
            print(f"{row:22} {protocol:17} {lines:5} {passed:6}")
    told = json.loads(RECORDED.read_text(encoding="utf-8"))
    if told.keys() != found.keys():
        pytest.skip("the pages were made from other recordings than these")
    assert RECORDED.read_text(encoding="utf-8") == written(found), (
        "if this is meant: python -m tests.replay.vendors, and make docs"
    )


def test_every_line_of_every_vendor_passes() -> None:
    for row, protocols in table().items():
        for protocol, counts in protocols.items():
            for what, (lines, passed) in counts.items():
                assert lines == passed, f"{row}, {protocol}: {what}"
