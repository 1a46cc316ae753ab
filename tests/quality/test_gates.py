"""Every gate: a healthy night passes, each breach is told with the gate, its subject, what was found and expected."""

import pytest

from quality.gates import Figures, judge, stability_index
from rules.gates import GATES, load_gates

BELL = {4 * step: 200 + 300 * (step > 3) for step in range(10)}


def healthy(**changes: int) -> dict[tuple[str, str], int]:
    """A night of a bank of 4,000 records; a change is written `figure__subject=count`."""
    night = {
        ("rows", "core"): 3000, ("usable", "core"): 2990, ("quarantined", "core"): 10, ("in_parties", "core"): 2990,
        ("rows", "crm"): 1010, ("usable", "crm"): 1000, ("quarantined", "crm"): 10, ("in_parties", "crm"): 1000,
        ("records", "person"): 3990, ("joined", "person"): 1800, ("pairs", "person"): 4000,
        ("largest_cluster", "person"): 9, ("alarms", "person"): 60, ("large_clusters", "person"): 0,
        ("numbers", "client"): 3000, ("numbers_changed", "client"): 3, ("parties", "person"): 3000,
        ("golden", "birth_date"): 2700, ("golden", "contact"): 2000,
        ("holdings", "accounts"): 5000, ("holdings_shown", "accounts"): 5000,
        **{("weight", f"person {low}"): n for low, n in BELL.items()},
    }  # fmt: skip
    return night | {tuple(name.split("__")): count for name, count in changes.items()}


def breaches(tonight, *before, **more) -> list[tuple[str, str]]:
    figures = Figures(tonight, before or (healthy(), healthy()), **more)
    return [(one.gate, one.subject) for one in judge(figures, load_gates()) if not one.ok]


def test_a_night_like_the_others_passes_every_gate() -> None:
    verdicts = judge(Figures(healthy(), (healthy(), healthy())), load_gates())
    assert [one for one in verdicts if not one.ok] == []
    assert {one.gate for one in verdicts} == set(GATES)


def test_a_first_night_is_judged_by_what_needs_no_other_night() -> None:
    verdicts = judge(Figures(healthy(numbers__client=0)), load_gates())
    assert all(one.ok for one in verdicts)
    assert {one.gate for one in verdicts} == {"quarantine", "cluster_tail", "reconciliation"}


def test_a_new_source_has_no_usual_count() -> None:
    tonight = healthy(rows__cards=500, in_parties__cards=500)
    assert breaches(tonight) == []


@pytest.mark.parametrize(
    ("breach", "tonight"),
    [
        (("source_rows", "core"), healthy(rows__core=2000, in_parties__core=1990)),
        (("source_rows", "crm"), healthy(rows__crm=2100, in_parties__crm=2090)),
        (("quarantine", "crm"), healthy(quarantined__crm=300, in_parties__crm=710)),
        (("pair_volume", "person"), healthy(pairs__person=9000)),
        (("pair_volume", "person"), healthy(pairs__person=1500)),
        (("match_rate", "person"), healthy(joined__person=2100)),
        (("match_rate", "person"), healthy(joined__person=1500)),
        (("cluster_tail", "person"), healthy(largest_cluster__person=501)),
        (("cluster_tail", "person"), healthy(large_clusters__person=11)),
        (("firewall_alarms", "person"), healthy(alarms__person=121)),
        (("number_churn", "client"), healthy(numbers_changed__client=151)),
        (("completeness", "birth_date"), healthy(golden__birth_date=2500)),
        (("completeness", "contact"), healthy(golden__contact=1800)),
        (("reconciliation", "core"), healthy(in_parties__core=2989)),
        (("reconciliation", "core"), healthy(in_parties__core=2991)),
        (("reconciliation", "accounts"), healthy(holdings_shown__accounts=4999)),
        (("reconciliation", "accounts"), healthy(holdings_shown__accounts=5001)),
        (("weight_distribution", "person"),
         healthy(**{f"weight__person {low}": BELL[36 - low] for low in BELL})),
    ],
)  # fmt: skip
def test_a_breach_is_told_by_its_gate_alone(breach, tonight) -> None:
    assert breaches(tonight) == [breach]


def test_what_is_few_is_not_judged() -> None:
    small = {("rows", "core"): 80, ("in_parties", "core"): 80, ("parties", "person"): 70, ("numbers", "client"): 70}
    tonight = small | {("rows", "core"): 20, ("in_parties", "core"): 20, ("numbers_changed", "client"): 60,
                       ("golden", "birth_date"): 0}  # fmt: skip
    assert breaches(tonight, small | {("golden", "birth_date"): 70}) == []


def test_one_odd_night_before_does_not_move_what_is_usual() -> None:
    odd = healthy(rows__core=100, in_parties__core=90)
    assert breaches(healthy(), healthy(), odd, healthy()) == []


def test_weights_under_another_model_are_not_compared() -> None:
    tonight = healthy(**{f"weight__person {low}": BELL[36 - low] for low in BELL})
    assert breaches(tonight, other_model=frozenset({"person"})) == []


def test_the_stability_index_of_a_known_shift() -> None:
    """(.6-.5)*ln(.6/.5) + (.4-.5)*ln(.4/.5) = 0.0405."""
    assert stability_index({"a": 50, "b": 50}, {"a": 60, "b": 40}) == 41
    assert stability_index({"a": 5, "b": 5}, {"b": 500, "a": 500}) == 0


def test_a_gate_that_only_warns_says_so(tmp_path) -> None:
    own = tmp_path / "gates.yaml"
    own.write_text("source_rows: {blocks: false, drop: 10%}\n", encoding="utf-8")
    tonight = healthy(rows__core=2600, in_parties__core=2590)
    [broken] = [one for one in judge(Figures(tonight, (healthy(),)), load_gates(own)) if not one.ok]
    assert (broken.gate, broken.blocks) == ("source_rows", False)
    assert "10%" in broken.expected and "2,600" in broken.found
