"""oidc: in registry.yaml: the bank's identity provider, and what its claims say of a user of the desk.

Here: the typed section and its secret. Not here: talking to the provider (stewardship/provider), laying claims out as a
user (stewardship/vouched). OpenID Connect Core 1.0; claims are named as the provider sends them, a part of a claim with
dots (`realm_access.roles`).
"""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, StrictBool, field_validator, model_validator

from rules.desk import ROLES
from rules.errors import ConfigError
from rules.load import Declared, Misfit, expand_env, nearest

EVERY = "*"
"""What a value of a legal entity's or branch's claim stands for where it gives all of them."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Claim(Declared):
    """A claim and what its values stand for; without `values` they stand for themselves."""

    claim: str = Field(min_length=1)
    values: dict[str, str] = Field(default={})


class RoleClaim(Claim):
    """The claim that gives the role: the first of `values` that a person has, in their order, is his."""

    values: dict[str, str] = Field(min_length=1)

    @field_validator("values")
    @classmethod
    def _are_roles(cls, values: dict[str, str]) -> dict[str, str]:
        for value, role in values.items():
            if role not in ROLES:
                raise Misfit(f"'{role}' is no role", nearest(role, ROLES), (value,))
        return values


class Oidc(Declared):
    """An identity provider. Without `legal_entity` and `branch` its users see all clients; with them, those given."""

    issuer: str
    client_id: str = Field(min_length=1)
    secret: str | None = Field(default=None, pattern=r"^\$\{\w+\}$")
    secret_file: str | None = None
    label: str = Field(default="", max_length=40, description="how the log-in page names the provider")
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    user: str = Field(default="preferred_username", description="claim that names the user")
    role: RoleClaim
    legal_entity: Claim | None = None
    branch: Claim | None = None
    manager: str | None = Field(default=None, description="claim with the code of the relationship manager")
    local_users: StrictBool = True

    @property
    def shown(self) -> str:
        """How people know the provider."""
        return self.label or urlsplit(self.issuer).netloc

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        if not safe(issuer):
            raise Misfit("the issuer must be an https address", "write it as the provider's own document has it")
        return issuer

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            hint = "write secret: ${NAME}, or secret_file: PATH"
            raise Misfit("oidc needs the client's secret, from one place", hint, ("secret",))
        if "openid" not in self.scopes:
            raise Misfit("scopes lack 'openid'", "add it: without it the provider vouches for nobody", ("scopes",))
        return self


def safe(address: str) -> bool:
    """Whether an address may be trusted with secrets: https, or this machine alone."""
    parts = urlsplit(address)
    own = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or own)


def secret_of(declared: Oidc, folder: Path) -> str:
    """The client's secret; ConfigError where the variable or the file is not there."""
    if declared.secret is not None:
        return expand_env(declared.secret, "oidc.secret")
    path = folder / str(declared.secret_file)
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = f"oidc.secret_file cannot be read ({type(error).__name__})"
        raise ConfigError(str(path), problem, "name a text file that this user may read") from None


def check_entities(declared: Oidc, entities: list[str]) -> None:
    """Raise Misfit where a claim's value stands for a legal entity that is not declared."""
    for value, entity in (declared.legal_entity.values if declared.legal_entity else {}).items():
        if entity not in (*entities, EVERY):
            problem = f"oidc.legal_entity: '{value}' stands for '{entity}', which is not declared"
            raise Misfit(problem, nearest(entity, entities, "declare it under legal_entities"))
