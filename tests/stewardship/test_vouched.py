"""Claims of the identity provider as a user: which role, which clients; an empty claim never means everything."""

import pytest

from rules.errors import LogInRefused
from rules.oidc import Oidc
from stewardship import vouched
from stewardship.sight import Scope

ENTITIES = ("bank_az", "lease_az")


def declared(**more):
    role = {"claim": "realm_access.roles", "values": {"chief": "approver", "clerk": "steward"}}
    facts = {"issuer": "https://id.example", "client_id": "c", "secret": "${S}", "user": "email", "role": role}
    return Oidc.model_validate({**facts, **more})


def person(claims, **more):
    told = {"sub": "u", "email": "a@bank.example", "realm_access": {"roles": ["clerk"]}, **claims}
    return vouched.person(declared(**more), told, ENTITIES)


def test_a_claim_is_named_by_its_parts_or_by_its_whole_name():
    assert person({}).role == "steward"
    whole = {"claim": "https://bank.example/roles", "values": {"7": "auditor"}}
    assert person({"https://bank.example/roles": 7}, role=whole).role == "auditor"
    assert person({"realm_access": {"roles": ["clerk", "chief"]}}).role == "approver", "the first that is declared"


@pytest.mark.parametrize("roles", [None, "clerk", ["clerk"], {"roles": None}, {"roles": [["clerk"]]}, {"roles": {}}])
def test_a_claim_of_another_shape_gives_no_role(roles):
    with pytest.raises(LogInRefused, match="no role"):
        person({"realm_access": roles})


@pytest.mark.parametrize(
    "units, values, scope",
    [
        (["bank_az"], {}, ("bank_az",)),
        (["u7", "u9", "other"], {"u7": "lease_az", "u9": "bank_az"}, ("bank_az", "lease_az")),
        (["head office", "u7"], {"u7": "lease_az", "head office": "*"}, ()),
    ],
)
def test_legal_entities_by_claim(units, values, scope):
    assert person({"units": units}, legal_entity={"claim": "units", "values": values}).scope == Scope(scope)


@pytest.mark.parametrize("units", [None, [], "", ["nowhere"], ["bank_az,lease_az"]])
def test_who_is_given_no_legal_entity_sees_nothing(units):
    with pytest.raises(LogInRefused, match="no legal entity"):
        person({"units": units}, legal_entity={"claim": "units"})


def test_branches_and_the_managers_code():
    found = person({"office": "060", "code": "M7"}, branch={"claim": "office"}, manager="code")
    assert (found.scope, found.manager, found.subject) == (Scope((), ("060",)), "M7", "https://id.example u")
    with pytest.raises(LogInRefused, match="no branch"):
        person({}, branch={"claim": "office"})
