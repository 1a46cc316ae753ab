"""Tables of what hangs on a record: consents, employment, documents, relationships, products, operations and more.

Here: the child units that a source's map may fill, each declared once as `std_<unit>`; `view_<unit>` is the same under
a client number. Not here: names, identifiers, addresses and contacts (standard), what is computed from them (view).
A *feed* delivers rows that are no parties themselves; its *item* is the row's own key. For units that stand in a
party's own row the feed is the source itself and the item its record.
"""

from types import new_class

import dataframely as dy

from rules.contracts import columns as c

PRODUCTS = ("account", "deposit", "investment", "insurance", "loan", "leasing", "card")
CHANNELS = ("phone", "sms", "email", "messenger", "post")
CARD_LEVELS = ("classic", "gold", "platinum", "diamond")
STATUSES = ("open", "closed", "dormant", "blocked")
RELATIONS = (
    "spouse", "parent", "child", "relative", "owner", "director", "subsidiary", "controls", "depends_on", "guarantor",
    "co_borrower", "pledger", "proxy", "card_holder", "representative", "beneficial_owner",
)  # fmt: skip


def _word(description: str, words: tuple[str, ...]) -> dy.String:
    """A text that should be one of `words`; another is kept and named in `problems`."""
    return dy.String(
        description=f"{description}: {', '.join(words)}", nullable=True, metadata={"pii": "-", "words": words}
    )


def _money(description: str, pii: str = "S") -> dy.Decimal:
    return dy.Decimal(precision=24, scale=2, nullable=True, description=description, metadata={"pii": pii})


def _time(description: str) -> dy.Datetime:
    return dy.Datetime(nullable=True, description=description, metadata={"pii": "-"})


class _Child(dy.Schema):
    feed = c.text("feed, or source, that delivered the row", nullable=False, primary_key=True)
    item = c.text("the row's own key in the feed", nullable=False, primary_key=True)
    ordinal = dy.Int32(description="place among the row's units of this kind, in mapping order", primary_key=True)
    source = c.text("source of the record it hangs on", nullable=False)
    record_id = c.text("that record's key in its source", nullable=False)
    gone_since = c.date("business date on which the feed no longer delivered it; empty while it does")
    problems = c.text("fields that could not be read or hold an undeclared word, comma separated, sorted")


KEYS = tuple(_Child.columns())


class StdCitizenship(_Child):
    """Citizenships."""

    country = c.text("ISO 3166-1 alpha-2", pii="S")


class StdTaxResidence(_Child):
    """Tax residences with the tax number, or why there is none (CRS self-certification)."""

    country = c.text("ISO 3166-1 alpha-2", pii="S")
    tax_number = c.text("tax number in that country", pii="S")
    no_number_reason = c.text("why there is no tax number", pii="S")


class StdConsent(_Child):
    """Consents and do-not-disturb, by channel, purpose and legal entity, dated, with evidence."""

    channel = _word("channel", ("any", *CHANNELS))
    purpose = c.text("purpose, e.g. marketing")
    legal_entity = c.text("legal entity it was given to")
    given = c.flag("given, or refused", pii="P", nullable=True)
    at = _time("when it was given or refused")
    evidence = c.text("what proves it, e.g. a document reference", pii="P")


class StdEmployment(_Child):
    """Employers and positions, present and earlier."""

    employer_name = c.text("name of the employer", pii="P")
    employer_number = c.text("registration or tax number of the employer", pii="P")
    position = c.text("position held", pii="P")
    from_date = c.date("since", pii="P")
    to_date = c.date("until", pii="P")


class StdDocument(_Child):
    """The electronic dossier: copies and originals by file reference."""

    kind = c.text("identity_copy, photograph, signature, contract, questionnaire, opening_file …")
    number = c.text("the dossier's number of the document", pii="S")
    file_ref = c.text("file reference", pii="S")
    content_hash = c.text("hash of the file")
    made_on = c.date("date of the document")
    expires_on = c.date("expires on")
    checked_type = c.text("of the result of an outside check: type of the identity document that was checked")
    checked_number = c.text("number of that document, as standardised", pii="S")
    check_result = _word("what the outside check said of number and name", ("confirmed", "mismatch", "unavailable"))
    checked_at = _time("when it was checked")


class StdRelationship(_Child):
    """Typed relations to another record, or to a party known by name and number only."""

    kind = _word("what the other is to this record", RELATIONS)
    other_source = c.text("source of the other record; the record's own where the feed does not say")
    other_record = c.text("the other record's key", pii="P")
    other_name = c.text("name of an other that is no record", pii="P")
    other_number = c.text("identity or registration number of an other that is no record", pii="S")
    share = dy.Decimal(precision=9, scale=4, nullable=True, description="share held, per cent", metadata={"pii": "S"})
    from_date = c.date("since")
    to_date = c.date("until")


class StdHolding(_Child):
    """Products held."""

    product = _word("product", PRODUCTS)
    reference = c.text("contract, account or card number", pii="S")
    legal_entity = c.text("legal entity that keeps it; the feed's own where a row does not say")
    branch = c.text("branch that keeps it")
    status = _word("status", STATUSES)
    opened = c.date("opened on")
    closed = c.date("closed on")
    matures = c.date("matures on")
    currency = c.text("ISO 4217")
    amount = _money("sum agreed: of a loan, the sum issued")
    balance = _money("balance: held by the client, of a loan or card what is owed")
    credit_limit = _money("limit agreed")
    days_past_due = dy.Int32(nullable=True, description="days past due", metadata={"pii": "S"})
    interest_earned = _money("interest the bank earned from the client")
    interest_paid = _money("interest the bank paid to the client")
    card_level = c.text("classic, gold, platinum, diamond")


class StdOperation(_Child):
    """Operations, with the time they were true at."""

    holding = c.text("reference of the holding", pii="S")
    kind = c.text("transfer_in, transfer_out, cash_in, cash_out, payment …")
    at = _time("when")
    currency = c.text("ISO 4217")
    amount = _money("amount, without sign")


class StdRequest(_Child):
    """Applications and complaints."""

    kind = _word("kind", ("application", "complaint"))
    product = c.text("product asked for")
    status = _word("status", ("new", "in_work", "done", "refused"))
    department = c.text("department it was handed to")
    asked_as = c.text("id of the operation request that it answers")
    opened = c.date("opened on")
    closed = c.date("answered on")


class StdActivity(_Child):
    """Contacts planned and made, with their outcome."""

    kind = c.text("call, visit, email, campaign …")
    at = _time("when it was, or is to be")
    planned = c.flag("still to be done", nullable=True)
    outcome = c.text("reached, not_reached, interested, refused …")
    manager = c.text("who made it")
    need = c.text("need that the client voiced", pii="P")


class StdQuestionnaire(_Child):
    """Questionnaires: their kind, age and completeness."""

    kind = _word("kind", ("profile", "anti_money_laundering", "correspondent_bank"))
    filled_on = c.date("filled on")
    complete_percent = dy.Int32(nullable=True, description="fields filled, per cent", metadata={"pii": "-"})


class StdGift(_Child):
    """Gifts and courtesies given."""

    kind = c.text("what was given")
    given_on = c.date("given on")
    given_by = c.text("who gave it")
    currency = c.text("ISO 4217")
    amount = _money("value")


class StdNote(_Child):
    """Additional information and notes."""

    at = _time("when it was written")
    author = c.text("who wrote it")
    text = c.text("the note", pii="S")


class StdClearing(_Child):
    """What compliance cleared: a meeting of this record's client with a watch list, a finding, a warning."""

    list = c.text("the watch list; `pack finding` or `pack warning`")
    entry = c.text("key of its entry; the rule")
    evidence = c.text("the evidence that was looked at, as view_screening, view_finding or view_warning has it")
    cleared_on = c.date("when")
    reason = c.text("why", pii="S")
    author = c.text("who; where a rule wants two persons, each makes a row")


class StdAssignment(_Child):
    """Who looks after the record's client, as the owning system has it, and how well that manager knows the client."""

    manager = c.text("code of the manager")
    legal_entity = c.text("legal entity; the feed's own where a row does not say")
    relation = _word("kind of relation", ("managed", "signed"))
    since = c.date("since")
    chosen = c.flag("the client asked for this manager", nullable=True)
    knows_occupation = c.flag("the manager knows the occupation", nullable=True)
    knows_finances = c.flag("the manager knows the family's finances", nullable=True)
    knows_preferences = c.flag("the manager knows the preferences", nullable=True)
    speaks_monthly = c.flag("the manager speaks with the client every month", nullable=True)
    follows_assets = c.flag("the manager follows how the assets change", nullable=True)
    investment_purchases = dy.Int32(nullable=True, description="purchases of investments", metadata={"pii": "S"})
    bought = _money("sum of what was bought through the manager")
    by_appointment = c.flag("the client comes by appointment", nullable=True)
    buys_monthly = c.flag("the client buys every month", nullable=True)


class StdGivenProfile(_Child):
    """Profiles given by hand, each until its review."""

    profile = c.text("profile", pii="P")
    reason = c.text("why", pii="P")
    author = c.text("who gave it")
    review_on = c.date("until when it holds")


class StdOpportunity(_Child):
    """Opportunities of sales: a target product, how far it is, when to speak next."""

    product = c.text("target product")
    stage = _word("stage", ("new", "contacted", "offered", "won", "lost"))
    manager = c.text("whose it is")
    need = c.text("need that the client voiced", pii="P")
    next_contact = c.date("date of the next contact")


class StdReferral(_Child):
    """Clients referred to somebody who serves them better; it counts for who refers and for who receives."""

    referred_by = c.text("who recognised the client")
    receiver = c.text("who received the referral")
    product = c.text("product it is about")
    referred_on = c.date("when")
    outcome = _word("outcome", ("open", "accepted", "declined", "sold"))


class StdMembership(_Child):
    """Vouchers of membership contracts: an application for a card level."""

    agreement = c.text("number of the agreement", pii="S")
    name = c.text("name of the client", pii="P")
    levels_allowed = c.text("card levels allowed")
    level = _word("card level applied for", CARD_LEVELS)
    signed_at = _time("time of signing")
    approved_by = c.text("who approved it, where the criteria are not met")


class _Nobodys(dy.Schema):
    feed = c.text("feed that delivered the row", nullable=False, primary_key=True)
    item = c.text("key of the row in the feed", nullable=False, primary_key=True)
    ordinal = dy.Int32(description="place among the row's units of this kind, in mapping order", primary_key=True)
    gone_since = c.date("business date on which the feed no longer had it; empty while it does")
    problems = c.text("fields that could not be read or hold an undeclared word, comma separated, sorted")


class StdManager(_Nobodys):
    """Relationship managers: where they work, whom they serve, how many clients they can look after."""

    code = c.text("code of the manager")
    legal_entity = c.text("legal entity; the feed's own where a row does not say")
    branch = c.text("branch; a manager without one belongs to the centre")
    serves = c.text("as the pack tier says it in served_by; a manager without serves every tier")
    capacity = dy.Int32(nullable=True, description="most clients", metadata={"pii": "-"})
    from_date = c.date("works since")
    left_on = c.date("left on")


class StdListed(_Nobodys):
    """Names of the entries of watch lists, aliases too, with the forms that clients' names are compared by."""

    name = c.text("name or alias", pii="P")
    party_type = _word("kind of party; empty is read as a person", c.PARTY_TYPES)
    birth_date = c.date("date of birth or registration", pii="P")
    country = c.text("ISO 3166-1 alpha-2", pii="P")
    number = c.text("number of a document or registration", pii="S")
    program = c.text("programme or reason of the listing")
    ascii = c.text("name as ASCII lower case", pii="P")
    given_key = c.text("given name by sound", pii="P")
    family_key = c.text("family name by sound", pii="P")
    org_key = c.text("organisation name by its words that weigh", pii="P")


UNITS: dict[str, type[dy.Schema]] = {
    "citizenship": StdCitizenship,
    "tax_residence": StdTaxResidence,
    "consent": StdConsent,
    "employment": StdEmployment,
    "document": StdDocument,
    "relationship": StdRelationship,
    "holding": StdHolding,
    "operation": StdOperation,
    "request": StdRequest,
    "activity": StdActivity,
    "questionnaire": StdQuestionnaire,
    "gift": StdGift,
    "note": StdNote,
    "clearing": StdClearing,
    "assignment": StdAssignment,
    "given_profile": StdGivenProfile,
    "membership": StdMembership,
    "opportunity": StdOpportunity,
    "referral": StdReferral,
}
"""Map target → its table of standard rows; each has a twin under client numbers."""
NOBODYS: dict[str, type[dy.Schema]] = {"listed": StdListed, "manager": StdManager}
"""What a feed of nobody's rows maps: watch lists, the bank's managers."""
_MADE = ("ascii", "given_key", "family_key", "org_key")
"""Columns that are computed."""


def fields(unit: str) -> dict[str, dy.Column]:
    """The columns that a map may fill."""
    columns = {**UNITS, **NOBODYS}[unit].columns()
    return {name: column for name, column in columns.items() if name not in (*KEYS, *_MADE)}


def words(unit: str) -> dict[str, tuple[str, ...]]:
    """Fields of the unit that should hold one of a few words, and these words."""
    found = {name: (column.metadata or {}).get("words") for name, column in fields(unit).items()}
    return {name: tuple(some) for name, some in found.items() if some}


class StdFeed(dy.Schema):
    """Every row that a feed delivered, or that was carried for it: the record it hangs on, or why it was refused."""

    feed = c.text("feed", nullable=False, primary_key=True)
    row = dy.Int64(description="row of the raw snapshot, from 0", primary_key=True, metadata={"key": "position"})
    item = c.text("the row's own key, if it had one")
    source = c.text("source of the record it hangs on; of a watch list none")
    record_id = c.text("the record it names", pii="-")
    refused = c.text("why no unit was made of it; empty where it was used")


def _under_client(unit: str, std: type[dy.Schema]) -> type[dy.Schema]:
    """The same rows under a client number."""
    number = {"client_number": c.text("the registry's client number", nullable=False, primary_key=True)}
    about = f"{(std.__doc__ or '').splitlines()[0].rstrip('.')}: rows of `std_{unit}` under their client."
    name = f"View{std.__name__.removeprefix('Std')}"
    body = {**number, **std.columns(), "__doc__": about}
    made: type[dy.Schema] = new_class(name, (dy.Schema,), exec_body=lambda space: space.update(body))
    return made


FEEDS: dict[str, type[dy.Schema]] = {
    "std_feed": StdFeed,
    **{f"std_{unit}": made for unit, made in {**UNITS, **NOBODYS}.items()},
}
OF_UNITS = tuple(name for name in FEEDS if name != "std_feed")
"""Tables of what rows say; `std_feed` has the rows themselves."""
UNDER_CLIENT: dict[str, type[dy.Schema]] = {f"view_{unit}": _under_client(unit, made) for unit, made in UNITS.items()}
