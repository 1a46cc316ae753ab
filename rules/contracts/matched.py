"""Tables of matching: the narrow projection it reads, scored pairs, clusters, review items."""

import dataframely as dy

from rules.contracts import columns as c


class MatchInput(dy.Schema):
    """What matching reads of one record: ASCII forms for fuzzy comparison, exact forms for equality.

    Placeholders and invalid values are empty here (suppressed, never deleted from `std_*`).
    """

    record_key = c.record_key(primary_key=True)
    source = c.text("source system", nullable=False)
    legal_entity = c.text("legal entity")
    given = c.text("given name, ASCII", pii="P")
    middle = c.text("middle names and patronymic, ASCII", pii="P")
    family = c.text("family name, ASCII", pii="P")
    name = c.text("full name or organisation core, ASCII, tokens in their order", pii="P")
    names = dy.List(dy.String(), nullable=True, description="all ASCII name forms, sorted", metadata={"pii": "P"})
    given_key = c.text("given name by sound, nicknames as the name they stand for", pii="P")
    given_known = dy.Bool(nullable=True, description="the given name is a well-known one")
    middle_key = c.text("middle names and patronymic by sound", pii="P")
    family_key = c.text("family name by sound, without particles", pii="P")
    suffix = c.text("generation suffix: Jr, Sr, II …", pii="P")
    native_key = c.text("characters of a Chinese, Japanese or Korean name, simplified", pii="P")
    name_words = dy.List(dy.String(), nullable=True, description="words of an organisation's name, no numbers")
    name_set = c.text("the same words in order of the alphabet")
    own_words = dy.List(dy.String(), nullable=True, description="words that are an organisation's own")
    own_set = c.text("the same words in order of the alphabet")
    numbers = dy.List(dy.String(), nullable=True, description="numbers in an organisation's name, sorted")
    initials = c.text("first letters of an organisation's name")
    legal_form = c.text("legal form of an organisation")
    sex = c.text("F or M", pii="P")
    birth_date = c.text("birth or registration date, YYYY-MM-DD", pii="P")
    birth_place = c.text("birth place, ASCII", pii="P")
    occupation = c.text("occupation, ASCII", pii="P")
    country = c.text("country of residence, citizenship or seat")
    identifiers = dy.List(dy.String(), nullable=True, description="type:number, sorted", metadata={"pii": "S"})
    lifelong = dy.List(
        dy.String(), nullable=True, description="type:number of lifelong ones with right check digits, sorted",
        metadata={"pii": "S"},
    )  # fmt: skip
    phones = dy.List(dy.String(), nullable=True, description="E.164, sorted", metadata={"pii": "P"})
    emails = dy.List(dy.String(), nullable=True, description="sorted", metadata={"pii": "P"})
    street = c.text("street of the first address, ASCII", pii="P")
    house = c.text("house number", pii="P")
    unit = c.text("flat", pii="P")
    city = c.text("city, ASCII", pii="P")
    region = c.text("region, ASCII", pii="P")
    postcode = c.text("postcode", pii="P")
    address = c.text("normalised text of the first address", pii="P")


class Pairs(dy.Schema):
    """Scored candidate pairs at or above the floor that the model declares."""

    record_key_l = c.pair_key("one record")
    record_key_r = c.pair_key("the other record")
    weight = dy.Int64(description="match weight in millionths of a bit")
    levels = c.text("weight of each comparison in bits, name=+1.23, comma separated, in model order", nullable=False)
    raised = dy.Int64(description="part of the weight, due to both records being left over by duplicate-free sources")


class RefinedRule(dy.Schema):
    """A blocking rule that made more pairs than its cap allows tonight, and what was left of it."""

    party_type = c.text("person or organisation (the model)", nullable=False, primary_key=True)
    rule = c.text("the rule as declared, its parts joined by +", nullable=False, primary_key=True)
    declared = dy.Int64(description="pairs it would make")
    pairs = dy.Int64(description="pairs it made")
    block = dy.Int64(description="records a block might hold")
    common_values = dy.Int64(description="values that were joined with further fields")
    left_out = dy.Int64(description="records of blocks that stayed too large, each as often as it lost a key")


class Clusters(dy.Schema):
    """Which cluster a record is in; the cluster is named by its least member in (source, record_id) order."""

    record_key = c.record_key(primary_key=True)
    cluster_key = c.record_key("least member of the cluster in (source, record_id) order")


class Review(dy.Schema):
    """What a steward should look at: one pair of records for two clusters kept apart.

    Their strongest accepted edge that the firewall refused, else their strongest pair in the review band. A split that
    a freeze holds back stands as a pair of records of one cluster.
    """

    record_key_l = c.pair_key("one record")
    record_key_r = c.pair_key("the other record")
    party_type = c.text("person or organisation (the model)", nullable=False)
    kind = c.text(
        "band; the constraint: cannot_link, identifier, duplicate_free, birth_date, names, generation, namesakes, "
        "size, bridge; must_link: one that contradicts; party_types: one of a person and an organisation; reopened: a "
        "decision; frozen: a merge or split that waits for the end of a freeze",
        nullable=False, primary_key=True,
    )  # fmt: skip
    weight = dy.Int64(description="match weight in millionths of a bit")
    reason = c.text("what contradicts or why the pair waits", nullable=False)


MATCHED: dict[str, type[dy.Schema]] = {
    "match_input_person": MatchInput,
    "match_input_organisation": MatchInput,
    "pairs_person": Pairs,
    "pairs_organisation": Pairs,
    "refined_rule": RefinedRule,
    "clusters": Clusters,
    "review": Review,
}
