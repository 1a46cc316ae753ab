"""The rule between statements, as literal cases: (given, day, has evidence) of each, what holds, why."""

import pytest

from client_view.consents import effective

CASES = [
    ([(True, 1, False)], True, "consent_only"),
    ([(True, 1, False), (True, 2, False)], True, "consent_only"),
    ([(False, 1, False)], False, "refused"),
    ([(True, 1, True), (False, 2, False)], False, "refused"),
    ([(False, 1, False), (True, 2, True)], True, "later_evidenced_consent"),
    ([(False, 1, False), (True, 2, False)], False, "refused_consent_without_evidence"),
    ([(False, 1, False), (True, 1, True)], False, "refused_dates_equal"),
    ([(False, None, False), (True, 2, True)], False, "refused"),
    ([(False, 1, False), (True, None, True)], False, "refused"),
    ([(False, 1, False), (True, 2, True), (False, 3, False)], False, "refused"),
]


@pytest.mark.parametrize(("said", "given", "rule"), CASES)
def test_statements_of_merged_records(said, given, rule, insert, con, rows):
    for place, (agreed, day, proved) in enumerate(said):
        insert(
            "view_consent", client_number="1", feed="f", item=str(place), ordinal=0, channel="sms", purpose="marketing",
            legal_entity="bank", given=agreed, at=day and f"2026-01-0{day}", evidence="form 7" if proved else None,
        )  # fmt: skip
    effective(con)
    assert rows("SELECT given, rule, statements FROM view_consent_effective") == [(given, rule, len(said))]


def test_a_refusal_of_any_channel_silences_each(insert, con, rows):
    insert(
        "view_consent",
        client_number="1",
        feed="f",
        item="1",
        ordinal=0,
        channel="any",
        purpose="marketing",
        given=False,
    )
    insert(
        "view_consent", client_number="1", feed="f", item="2", ordinal=0, channel="sms", purpose="marketing", given=True
    )
    effective(con)
    found = dict(rows("SELECT channel, given FROM view_consent_effective"))
    assert found == dict.fromkeys(("phone", "sms", "email", "messenger", "post"), False)


def test_purposes_and_legal_entities_stand_apart(insert, con, rows):
    for place, (purpose, entity, given) in enumerate(
        (("marketing", "a", False), ("marketing", "b", True), ("surveys", "a", True))
    ):
        insert("view_consent", client_number="1", feed="f", item=str(place), ordinal=0, channel="sms", purpose=purpose,
               legal_entity=entity, given=given)  # fmt: skip
    effective(con)
    assert rows("SELECT purpose, legal_entity, given FROM view_consent_effective ORDER BY ALL") == [
        ("marketing", "a", False), ("marketing", "b", True), ("surveys", "a", True),
    ]  # fmt: skip
