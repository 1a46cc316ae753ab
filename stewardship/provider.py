"""The bank's identity provider: where a log-in begins, and the token that vouches for who comes back.

Here: OpenID Connect by authorization code with PKCE (RFC 6749, RFC 7636, OpenID Connect Core 1.0), over Authlib. Not
here: what claims say of a user (vouched), sessions, pages. A token counts if its signature, issuer, audience, nonce and
times hold; a log-in counts once, and only in the browser that began it.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from threading import Lock
from typing import Any

import requests
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from rules.errors import LogInRefused, ProviderDown
from rules.oidc import Oidc, safe

PLACE = "identity provider"
MINUTES, UNDER_WAY = 10, 10_000
"""How long a log-in may take at the provider, and how many may be under way; an address begins fewer (limits)."""
KEPT_SECONDS, TIMEOUT, LEEWAY = 3600.0, 10.0, 60
"""How long the provider's document is kept, how long it may take to answer, and by how much its clock may differ."""
PATIENCE = 1.0
"""How many seconds others wait for who asks the provider for its document."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures by a key that only the provider has: neither none nor a shared secret."""
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Begun:
    """A log-in under way: what must come back with it, where to, and where the person goes on."""

    state: str
    nonce: str
    verifier: str
    address: str
    onward: str
    at: float


class Provider:
    """One identity provider; safe for many threads."""

    def __init__(self, declared: Oidc, secret: str) -> None:
        self.declared, self._secret = declared, secret
        self._lock, self._reading = Lock(), Lock()
        self._under_way: OrderedDict[str, Begun] = OrderedDict()
        self._document: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: KeySet | None = None

    def begin(self, address: str, onward: str) -> tuple[str, str]:
        """Where the browser goes to log in, and the secret that ties it to this one; `address` is where it returns."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        client = self._client(address)
        url, _ = client.create_authorization_url(
            self._endpoint("authorization_endpoint"), state=state, code_verifier=verifier, nonce=nonce
        )
        with self._lock:
            self._under_way[state] = Begun(state, nonce, verifier, address, onward, time.monotonic())
            while len(self._under_way) > UNDER_WAY:
                self._under_way.popitem(last=False)
        return str(url), state

    def finish(self, sent: Mapping[str, str], browser: str) -> tuple[Claims, str]:
        """Claims of who came back, and where he goes on; `browser` is the secret of the browser that came.

        Raises LogInRefused where the provider does not vouch for him, ProviderDown where it does not answer.
        """
        begun = self._taken(sent.get("state", ""), browser)
        if sent.get("iss", self.declared.issuer) != self.declared.issuer:
            raise _refused("the answer is another provider's")
        if "error" in sent or not sent.get("code"):
            raise _refused("it did not log you in")
        return self._claims(self._token(sent["code"], begun), begun.nonce), begun.onward

    def leave(self, address: str) -> str | None:
        """Where one logs out at the provider too, if it has such a place; `address` is where one comes back to."""
        place = self._read().get("end_session_endpoint")
        asked = {"client_id": self.declared.client_id, "post_logout_redirect_uri": address}
        return str(add_params_to_uri(place, asked.items())) if isinstance(place, str) and safe(place) else None

    def _taken(self, state: str, browser: str) -> Begun:
        """The log-in that a state belongs to, which is under way no longer."""
        with self._lock:
            begun = self._under_way.pop(state, None)
        if begun is None or time.monotonic() - begun.at > MINUTES * 60:
            raise _refused("this log-in was used already, or took too long")
        if not compare_digest(begun.state.encode(), browser.encode()):
            raise _refused("this log-in began in another browser, or another window of this one")
        return begun

    def _token(self, code: str, begun: Begun) -> Mapping[str, Any]:
        client, asked = self._client(begun.address), {"code": code, "code_verifier": begun.verifier}
        try:
            found: Mapping[str, Any] = client.fetch_token(
                self._endpoint("token_endpoint"), grant_type="authorization_code", timeout=TIMEOUT, **asked
            )
            return found
        except OAuthError as error:
            if error.error == "invalid_client":
                raise ProviderDown(PLACE, "does not know the registry's client id and secret", _CHECK) from None
            raise _refused("it does not take the code that came back") from None
        except (requests.RequestException, ValueError) as error:
            raise _down(error) from None

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Claims:
        expected = {
            "iss": {"essential": True, "value": self.declared.issuer},
            "aud": {"essential": True, "value": self.declared.client_id},
        }
        given = {"nonce": nonce, "client_id": self.declared.client_id, "access_token": token.get("access_token")}
        try:
            decoded = self._decoded(str(token.get("id_token", "")))
            claims = CodeIDToken(decoded.claims, decoded.header, expected, given)
            claims.validate(leeway=LEEWAY)
        except JoseError as error:
            raise _refused(f"its token does not hold ({error.error})") from None
        except (ValueError, TypeError):
            raise _refused("its token cannot be read") from None
        return dict(claims)

    def _decoded(self, token: str) -> jwt.Token:
        """The token, if one of the provider's keys signed it; a key that is new is asked for once."""
        rules = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(token, self._key_set(), registry=rules)
        except InvalidKeyIdError:
            return jwt.decode(token, self._key_set(fresh=True), registry=rules)

    def _key_set(self, fresh: bool = False) -> KeySet:
        if self._keys is None or fresh:
            told = _fetched(self._endpoint("jwks_uri")).get("keys", [])
            self._keys = KeySet.import_key_set({"keys": [key for key in told if key.get("use", "sig") == "sig"]})
        return self._keys

    def _client(self, address: str) -> Any:
        return OAuth2Session(
            self.declared.client_id, self._secret, scope=" ".join(self.declared.scopes), redirect_uri=address,
            code_challenge_method="S256",
        )  # fmt: skip

    def _endpoint(self, name: str) -> str:
        return str(self._read()[name])

    def _read(self) -> dict[str, Any]:
        """The provider's document (OpenID Connect Discovery 1.0), read again after a while.

        One asks, others wait a moment: a provider that hangs must not hold all threads of the desk.
        """
        at, found = self._document
        if found and time.monotonic() - at <= KEPT_SECONDS:
            return found
        if not self._reading.acquire(timeout=PATIENCE):
            raise ProviderDown(PLACE, "has not answered yet", _LATER)
        try:
            return self._read_again()
        finally:
            self._reading.release()

    def _read_again(self) -> dict[str, Any]:
        at, found = self._document
        if not found or time.monotonic() - at > KEPT_SECONDS:
            found = _fetched(f"{self.declared.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.declared.issuer:
                raise ProviderDown(PLACE, "its document names another issuer", f"{_CHECK}, letter by letter")
            for name in _ENDPOINTS:
                if not safe(str(found.get(name, ""))):
                    raise ProviderDown(PLACE, f"its document has no https address as {name}", _CHECK)
            self._document = time.monotonic(), found
        return found


_LATER = "try again in a minute; open sessions go on"
_CHECK = "whoever runs the registry compares oidc: in registry.yaml with the provider"


def _fetched(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise _down(error) from None
    if not isinstance(found, dict):
        raise ProviderDown(PLACE, "does not answer with a document", _CHECK)
    return found


def _refused(problem: str) -> LogInRefused:
    return LogInRefused(PLACE, problem, "log in again; if it stays so, ask who runs the registry")


def _down(error: Exception) -> ProviderDown:
    told = f"does not answer as it should ({type(error).__name__})"
    return ProviderDown(PLACE, told, _LATER)
