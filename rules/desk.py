"""Who may do what at the desk, and how its queue is ranked.

Here: roles, permissions, reason codes, figures of the ranking. Not here: users (stewardship/accounts), what needs a
second person (rules/decisions).
"""

STEWARD, APPROVER, AUDITOR, ADMIN = "steward", "approver", "auditor", "admin"
VIEWER, QUALITY = "viewer", "quality"
TELLER, MANAGER, HEAD, COMPLIANCE = "teller", "manager", "head", "compliance"
ROLES = (VIEWER, STEWARD, APPROVER, QUALITY, AUDITOR, ADMIN, TELLER, MANAGER, HEAD, COMPLIANCE)
SERVICE = "service"
"""What the holder of a token is: a program, never a person."""

READ, LOOK_UP, DECIDE, APPROVE, AUDIT, ADMINISTER = "read", "look up", "decide", "approve", "audit", "administer"
SAMPLE = "judge the sample"
FOLLOW = "follow the feeds for systems"
"""Decisions and changes of numbers, all of them: sealed clients too, so that systems keep to them."""
SERVE, ADVISE, LEAD, COMPLY, PROPOSE = "serve", "advise", "lead", "comply", "propose"
"""At the client desk: see a client; see what is offered and planned; lead a branch; see what the law demands; propose a
change of important data."""
ENTER, OPERATE, SIGN = "enter", "operate", "sign"
"""Enter what was said and done, and new clients; ask owning systems for operations on products; approve at the client's
page what somebody else proposed of his important data."""
MAY: dict[str, frozenset[str]] = {
    VIEWER: frozenset({READ, LOOK_UP}),
    STEWARD: frozenset({READ, LOOK_UP, DECIDE, SAMPLE, SERVE, PROPOSE}),
    APPROVER: frozenset({READ, LOOK_UP, DECIDE, APPROVE, SAMPLE, SERVE, PROPOSE}),
    QUALITY: frozenset({READ, LOOK_UP, SAMPLE}),
    AUDITOR: frozenset({READ, LOOK_UP, AUDIT, SERVE, ADVISE, LEAD, COMPLY}),
    ADMIN: frozenset({ADMINISTER}),
    TELLER: frozenset({SERVE, PROPOSE, ENTER, OPERATE}),
    MANAGER: frozenset({SERVE, ADVISE, PROPOSE, ENTER, OPERATE}),
    HEAD: frozenset({SERVE, ADVISE, LEAD, PROPOSE, ENTER, OPERATE, SIGN}),
    COMPLIANCE: frozenset({SERVE, COMPLY, ENTER}),
    SERVICE: frozenset({LOOK_UP, FOLLOW}),
}
"""Who keeps the users sees no client; who sees clients keeps no users. A quality owner sees what sources should mend
and judges the sample; cases are decided by others."""

ACROSS = (AUDITOR, ADMIN)
"""Who sees clients of several legal entities, or none, also where `see_across_entities: false` lets nobody else."""
UNBOUND = (SAMPLE, AUDIT)
"""What is about all clients, whatever their legal entity and branch: not for who sees some of them."""

MASKED: dict[str, frozenset[str]] = {
    VIEWER: frozenset({"identifier", "contact", "birth_date", "number", "tax_number", "employer_number"}),
    TELLER: frozenset({"identifier", "tax_number", "employer_number"}),
    MANAGER: frozenset({"identifier", "tax_number", "employer_number"}),
    COMPLIANCE: frozenset({"contact"}),
}
"""What pages show a role by its last letters only: kinds of values, and columns of the view. Whoever has the client's
document before him compares these; nobody reads a number off the screen. A viewer needs to know who is meant, and no
more. Whoever decides cases or judges the sample, the quality owner too, compares whole values."""
CONFIDENTIAL = ("listed", "high_risk_growth")
"""Rules of findings and warnings that only those who may comply see: a client must not learn of them (AMLR art. 73)."""
DISCREET = ("risk", "watch lists", "risk factors", "cleared")
"""Parts of a client's view that only those who may comply see, for the same reason."""
HIDING = ("listed", "prohibited")
"""Rules that block an offer, of which others learn no more than that compliance is to be asked."""
ASK = "Ask compliance before an operation."
PROHIBITED, HIGH = "prohibited", "high"
"""A risk class that tells of a watch list, and what others see in its place."""
LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of a copy that is taken into a dossier at the desk."""
DOSSIER = {"person": ("photograph", "signature", "identity_copy", "contract"), "": ("signature", "contract")}
"""Kinds of document that a client's dossier should hold, by kind of party; "" is every other."""

REASONS = (
    "evidence as shown", "documents compared", "client asked", "branch asked", "one household, two people",
    "typing error in a source", "record belongs to somebody else",
)  # fmt: skip
"""Reason codes; the first is the one of a single key press."""

CONSEQUENCE = {
    "identifier": 4, "must_link": 4, "reopened": 4, "party_types": 4, "birth_date": 3, "duplicate_free": 3,
    "generation": 3, "namesakes": 3, "names": 2, "bridge": 2, "size": 2, "two_numbers": 2,
}  # fmt: skip
"""How much a wrong answer of a kind weighs, against 1 of a pair in the band: two people on one document come first."""
DUE_DAYS = {4: 5, 3: 10, 2: 20, 1: 30}
"""Within how many days a case should be answered, by its consequence."""
A_RECORD = 1_000
"""What a record weighs beside what its client owns and owes, in the reporting currency: its notes, consents and
documents go where an answer puts them."""
POLITICALLY_EXPOSED = 3
"""A politically exposed person weighs so many times as much: a wrong answer hides a check that the law demands."""
SAMPLED, JUDGES = 60, 2
"""Pairs of a version that are drawn at random to be judged blind, and how many people judge each."""
SEALED_ROLES = ("employee", "sealed")
"""Roles of a golden record whose client opens only for a stated reason, for a while, and on the audit trail."""
SEALED_BY_ROLE = f"list_has_any(string_split(coalesce(roles, ''), ','), {list(SEALED_ROLES)})"
"""SQL: whether a row of golden_party is of such a client."""
OPENING = ("case assigned to me", "client asked", "check of an authority", "audit")
"""Reasons for which a sealed client is opened."""
OPEN_MINUTES = 15
"""How long a sealed client stays open for who gave a reason."""
SNOOZE_DAYS, LONGEST_SNOOZE = 7, 30
"""How many days a deferred case stays out of sight, and at most."""
