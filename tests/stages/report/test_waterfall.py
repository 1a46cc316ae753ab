"""The waterfall: a self-contained picture with every step, the same bytes each time."""

import xml.etree.ElementTree as ElementTree

import pytest

from matching.explanation import Evidence, Step
from stages.report.waterfall import signed, specification, waterfall

STEPS = (
    Step("prior", "two records at random", None, {}, {}, -9_000_000, 0, -9_000_000),
    Step("given", "same", 6, {"given": ("anna",)}, {"given": ("anna",)}, 7_000_000, 1_500_000, -500_000),
    Step("birth_date", "one digit", 4, {"birth_date": ("2000-01-02",)}, {"birth_date": ("2000-01-03",)}, 6_000_000,
         0, 5_500_000),
    Step("phones", "missing", -1, {"phones": ("+994",)}, {"phones": ()}, 0, 0, 5_500_000),
    Step("relatives", "what relatives would share too", None, {}, {}, -1_000_000, 0, 4_500_000),
)  # fmt: skip
EVIDENCE = Evidence("person-1", 4_500_000, 5_643_856, 0, "review", STEPS)


@pytest.fixture(scope="module")
def picture():
    return waterfall(EVIDENCE, ("core:1", "crm:2"), "Waits for a steward's look.")


def test_the_picture_tells_every_step(picture):
    told = {text.strip() for text in ElementTree.fromstring(picture).itertext() if text.strip()}
    assert {"start: two records at random", "given · same", "anna", "birth date · one digit", "phones · missing",
            "what relatives would share too", "total · review", "review", "match", "+8.5 (+1.5)", "−1.0",
            "+4.5"} <= told  # fmt: skip
    assert any("core:1" in text and "crm:2" in text for text in told)
    assert any("2000-01-02" in text and "2000-01-03" in text for text in told)


def test_the_picture_needs_nothing_else_and_is_the_same_each_time(picture):
    assert "<image" not in picture and "href=" not in picture and "<script" not in picture and "@import" not in picture
    assert waterfall(EVIDENCE, ("core:1", "crm:2"), "Waits for a steward's look.") == picture


@pytest.mark.parametrize(("weight", "told"), [(1_260_000, "+1.3"), (-1_260_000, "−1.3"), (-30_000, "0.0"), (0, "0.0")])
def test_bits_are_typeset_with_their_sign(weight, told):
    assert signed(weight) == told


def test_bars_run_from_total_to_total_and_missing_evidence_has_no_amount():
    layers = specification(EVIDENCE, ("core:1", "crm:2"), "")["layer"]
    bars, amounts = (layers[place]["data"]["values"] for place in (3, 4))
    level = [(bar["a"], bar["b"]) for bar in bars[:6]]
    assert level == [(0, -9), (-9, -2), (-0.5, 5.5), (5.5, 5.5), (5.5, 4.5), (0, 4.5)]
    assert [(bar["a"], bar["b"]) for bar in bars[6:]] == [(-2, -0.5)]
    assert [amount["text"] for amount in amounts] == ["−9.0", "+8.5 (+1.5)", "+6.0", "", "−1.0", "+4.5"]
