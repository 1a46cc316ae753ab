"""An identity provider for the tests: a real server with real RSA keys that can be told to misbehave.

Written from the standards (RFC 6749, RFC 7636, OpenID Connect Core and Discovery 1.0), not from the code it tests. Who
comes is logged in at once as `person`; `mend` changes a token before it is signed.
"""

import base64
import hashlib
import secrets
import time
from urllib.parse import unquote, urlencode

from fastapi import FastAPI, Form, Request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.stewardship.browsing import Site

CLIENT, SECRET = "registry", "a secret with / and +"


class IdentityProvider:
    """One provider on its own port; `codes` holds what was given out and not yet taken."""

    def __init__(self) -> None:
        self.keys = [RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})]
        self.codes: dict[str, dict[str, str]] = {}
        self.seen: list[dict[str, str]] = []
        self.well()
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.document)
        app.get("/keys")(lambda: KeySet(self.keys).as_dict(private=False))
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        self.site = Site(app)
        self.issuer = self.site.url

    def well(self) -> None:
        """Behave."""
        self.person = {"sub": "u-1", "preferred_username": "Leyla Steward", "groups": ["staff", "mdm-stewards"]}
        self.mend = lambda header, claims: (header, claims)
        self.signed = lambda header, claims: jwt.encode(header, claims, self.keys[-1])
        self.document_mended: dict[str, str] = {}

    def document(self) -> dict[str, object]:
        place = self.issuer
        return {
            "issuer": place, "authorization_endpoint": f"{place}/authorize", "token_endpoint": f"{place}/token",
            "jwks_uri": f"{place}/keys", "end_session_endpoint": f"{place}/out", **self.document_mended,
        }  # fmt: skip

    def authorize(self, request: Request) -> Response:
        """Log the person in without a question, and send the browser back with a code."""
        asked = dict(request.query_params)
        self.seen.append(asked)
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    def token(
        self, request: Request, code: str = Form(), code_verifier: str = Form(""), redirect_uri: str = Form("")
    ) -> Response:
        """Give the token of a code, once, to the client that began, with the verifier of its challenge."""
        if _basic(request) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        made = self.signed(*self.mend({"alg": "RS256", "kid": self.keys[-1].kid}, claims | self.person))
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": made})


def _basic(request: Request) -> tuple[str, ...]:
    """Client id and secret, each written as in a form before they are joined (RFC 6749, 2.3.1), or as they are."""
    _, _, told = request.headers.get("authorization", "").partition(" ")
    return tuple(unquote(part) for part in base64.b64decode(told).decode().split(":", 1))
