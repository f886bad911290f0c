from __future__ import annotations

from conure.messages import HumanMessage, add_notification_metadata, get_notification_metadata


def test_a_copy_is_marked():
    message = HumanMessage("a", additional_kwargs={"x": 1})
    note = add_notification_metadata(message, source="cron", data={"n": 1})
    assert get_notification_metadata(note) == {"source": "cron", "data": {"n": 1}}
    assert note.additional_kwargs == {"x": 1, "lc_source": "cron", "lc_data": {"n": 1}}
    assert message.additional_kwargs == {"x": 1}
    assert note.content == "a"


def test_what_a_user_said_has_no_mark():
    assert get_notification_metadata(HumanMessage("a")) is None
    marked = add_notification_metadata(HumanMessage("a"), source="x")
    assert get_notification_metadata(marked) == {"source": "x"}
