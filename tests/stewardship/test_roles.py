"""Every route, every role, the expected status: a route that this table lacks fails the test."""

import pytest

from stewardship.app import PAGES

STATUS = {
    # route: (nobody, viewer, steward, approver, quality, auditor, admin, service); 303 leads nobody to the log-in page
    ("GET", "/"): (303, 303, 303, 303, 303, 303, 303, 303),
    ("GET", "/login"): (200, 200, 200, 200, 200, 200, 200, 200),
    ("GET", "/login/provider"): (404, 404, 404, 404, 404, 404, 404, 404),
    ("GET", "/login/provider/done"): (404, 404, 404, 404, 404, 404, 404, 404),
    ("GET", "/login/provider/out"): (404, 404, 404, 404, 404, 404, 404, 404),
    ("POST", "/login"): (422, 422, 422, 422, 422, 422, 422, 403),
    ("POST", "/logout"): (401, 303, 303, 303, 303, 303, 303, 401),
    ("POST", "/language"): (422, 422, 422, 422, 422, 422, 422, 403),
    ("GET", "/password"): (303, 200, 200, 200, 200, 200, 200, 303),
    ("POST", "/password"): (401, 422, 422, 422, 422, 422, 422, 401),
    ("GET", "/queue"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("POST", "/queue/answers"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("GET", "/cases/{case_id}"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("GET", "/why"): (303, 422, 422, 422, 422, 422, 403, 303),
    ("GET", "/why/picture.svg"): (303, 422, 422, 422, 422, 422, 403, 303),
    ("POST", "/cases/{case_id}/answer"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("POST", "/cases/{case_id}/work"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("GET", "/clients/{number}"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("POST", "/clients/{number}/open"): (401, 403, 422, 422, 403, 422, 403, 401),
    ("POST", "/clients/{number}/override"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("GET", "/cases/{case_id}/preview"): (303, 422, 422, 422, 422, 422, 403, 303),
    ("GET", "/decisions/{decision}/preview"): (303, 404, 404, 404, 404, 404, 403, 303),
    ("GET", "/search"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("GET", "/decisions"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("POST", "/decisions/{decision}/approve"): (401, 403, 403, 422, 403, 403, 403, 401),
    ("POST", "/decisions/{decision}/end"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("GET", "/overview"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("GET", "/queue/export.{kind}"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("GET", "/decisions/export.{kind}"): (303, 200, 200, 200, 200, 200, 403, 303),
    ("GET", "/sample"): (303, 403, 200, 200, 200, 403, 403, 303),
    ("POST", "/sample"): (401, 403, 422, 422, 422, 403, 403, 401),
    ("GET", "/users"): (303, 403, 403, 403, 403, 403, 200, 303),
    ("POST", "/users"): (401, 403, 403, 403, 403, 403, 422, 401),
    ("POST", "/users/add"): (401, 403, 403, 403, 403, 403, 422, 401),
    ("POST", "/users/change"): (401, 403, 403, 403, 403, 403, 422, 401),
    ("POST", "/users/password"): (401, 403, 403, 403, 403, 403, 422, 401),
    ("GET", "/audit"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/dossier"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/products"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/operations"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/requests"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/contact"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/employment"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/questionnaires"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/relations"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/offers"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/activities"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/indices"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/risk"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/clients/{number}/history"): (303, 403, 200, 200, 403, 200, 403, 303),
    ("POST", "/desk/clients/{number}/change"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("POST", "/desk/clients/{number}/propose/{name}"): (401, 403, 422, 422, 403, 403, 403, 401),
    ("POST", "/desk/clients/{number}/enter/{name}"): (401, 403, 403, 403, 403, 403, 403, 401),
    ("POST", "/desk/clients/{number}/entries/{entry}/end"): (401, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "/desk/clients/{number}/operate"): (303, 403, 403, 403, 403, 403, 403, 303),
    ("POST", "/desk/clients/{number}/operate"): (401, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "/desk/clients/{number}/picture/{kind}"): (303, 403, 422, 422, 403, 422, 403, 303),
    ("GET", "/desk/clients/{number}/files/{digest}"): (303, 403, 422, 422, 403, 422, 403, 303),
    ("POST", "/desk/clients/{number}/changes/{decision}/approve"): (401, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "/desk/new"): (303, 403, 403, 403, 403, 403, 403, 303),
    ("POST", "/desk/new"): (401, 403, 403, 403, 403, 403, 403, 401),
    ("GET", "/desk/new/{key}"): (303, 403, 404, 404, 403, 404, 403, 303),
    ("GET", "/desk/manager/export.xlsx"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/head/export.xlsx"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/compliance/export.xlsx"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/manager"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/head"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/desk/compliance"): (303, 403, 403, 403, 403, 200, 403, 303),
    ("GET", "/api/v1/version"): (401, 200, 200, 200, 200, 200, 403, 200),
    ("GET", "/api/v1/parties/{number}"): (401, 200, 200, 200, 200, 200, 403, 200),
    ("GET", "/api/v1/parties/{number}/records"): (401, 200, 200, 200, 200, 200, 403, 200),
    ("GET", "/api/v1/parties"): (401, 422, 422, 422, 422, 422, 403, 422),
    ("GET", "/api/v1/sources/{source}/records/{record_id:path}"): (401, 200, 200, 200, 200, 200, 403, 200),
    ("POST", "/api/v1/parties/look-up"): (401, 422, 422, 422, 422, 422, 403, 422),
    ("POST", "/api/v1/search"): (401, 422, 422, 422, 422, 422, 403, 422),
    ("GET", "/api/v1/changes"): (401, 403, 403, 403, 403, 403, 403, 200),
    ("POST", "/api/v1/changes/acknowledge"): (401, 403, 403, 403, 403, 403, 403, 422),
    ("GET", "/api/v1/decisions"): (401, 403, 403, 403, 403, 403, 403, 200),
}  # fmt: skip
ROLES = ("", "viewer", "steward", "approver", "quality", "auditor", "admin", "service")
EMPLOYEES = ("teller", "manager", "head", "compliance")
SEEN = {
    # route: what employees get at the client desk; every route that is not here is none of theirs: 403
    ("GET", "/"): (303, 303, 303, 303),
    ("GET", "/login"): (200, 200, 200, 200),
    ("GET", "/login/provider"): (404, 404, 404, 404),
    ("GET", "/login/provider/done"): (404, 404, 404, 404),
    ("GET", "/login/provider/out"): (404, 404, 404, 404),
    ("POST", "/login"): (422, 422, 422, 422),
    ("POST", "/logout"): (303, 303, 303, 303),
    ("GET", "/password"): (200, 200, 200, 200),
    ("POST", "/password"): (422, 422, 422, 422),
    ("POST", "/language"): (422, 422, 422, 422),
    ("POST", "/clients/{number}/open"): (422, 422, 422, 422),
    ("GET", "/desk"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/dossier"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/products"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/operations"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/requests"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/contact"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/employment"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/questionnaires"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/relations"): (200, 200, 200, 200),
    ("GET", "/desk/clients/{number}/offers"): (403, 200, 200, 403),
    ("GET", "/desk/clients/{number}/activities"): (403, 200, 200, 403),
    ("GET", "/desk/clients/{number}/indices"): (403, 200, 200, 403),
    ("GET", "/desk/clients/{number}/risk"): (403, 403, 403, 200),
    ("GET", "/desk/clients/{number}/history"): (200, 200, 200, 200),
    ("POST", "/desk/clients/{number}/change"): (422, 422, 422, 403),
    ("POST", "/desk/clients/{number}/propose/{name}"): (422, 422, 422, 403),
    ("POST", "/desk/clients/{number}/enter/{name}"): (422, 422, 422, 422),
    ("POST", "/desk/clients/{number}/entries/{entry}/end"): (422, 422, 422, 422),
    ("GET", "/desk/clients/{number}/operate"): (200, 200, 200, 403),
    ("POST", "/desk/clients/{number}/operate"): (422, 422, 422, 403),
    ("GET", "/desk/clients/{number}/picture/{kind}"): (422, 422, 422, 422),
    ("GET", "/desk/clients/{number}/files/{digest}"): (422, 422, 422, 422),
    ("POST", "/desk/clients/{number}/changes/{decision}/approve"): (403, 403, 422, 403),
    ("GET", "/desk/new"): (200, 200, 200, 200),
    ("POST", "/desk/new"): (422, 422, 422, 422),
    ("GET", "/desk/new/{key}"): (404, 404, 404, 404),
    ("GET", "/desk/manager/export.xlsx"): (403, 200, 200, 403),
    ("GET", "/desk/head/export.xlsx"): (403, 403, 200, 403),
    ("GET", "/desk/compliance/export.xlsx"): (403, 403, 403, 200),
    ("GET", "/desk/manager"): (403, 200, 200, 403),
    ("GET", "/desk/head"): (403, 403, 200, 403),
    ("GET", "/desk/compliance"): (403, 403, 403, 200),
}


def test_the_table_has_every_route():
    found = {(method, route.path) for module in PAGES for route in module.router.routes for method in route.methods}
    assert found == set(STATUS) and set(SEEN) <= found


QUICK = {"", "service", "steward", "teller"}
"""Roles that `make test` tries too: nobody, a program, one of each desk."""
TRIED = [role if role in QUICK else pytest.param(role, marks=pytest.mark.slow) for role in (*ROLES, *EMPLOYEES)]


@pytest.mark.parametrize("role", TRIED)
def test_each_role_gets_what_the_table_says(role, visit, service, cases):
    client = service if role == "service" else visit(role)
    case = cases()[0]
    known = {
        "case_id": case["case_id"], "number": case["number_one"], "decision": 999, "kind": "csv", "key": "1",
        "name": "note", "entry": 1, "digest": "none",
    }  # fmt: skip
    if role in EMPLOYEES:
        expected = {route: SEEN[route][EMPLOYEES.index(role)] if route in SEEN else 403 for route in STATUS}
    else:
        expected = {route: statuses[ROLES.index(role)] for route, statuses in STATUS.items()}
    found = {
        (method, path): client.request(
            method, path.format_map(known) if "record_id" not in path else "/api/v1/sources/core/records/nobody",
            headers={"x-csrf-token": getattr(client, "csrf", "")},
        ).status_code
        for method, path in sorted(STATUS, key=lambda route: route[1] == "/logout")
    }  # fmt: skip
    assert found == expected
