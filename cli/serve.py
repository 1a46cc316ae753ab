"""Commands of the desk: serve, users, tokens.

Here: arguments, output, starting the server. Not here: the desk itself (stewardship).
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import HOME, HomeOption, Json, show_json, show_table
from rules.desk import ROLES

if TYPE_CHECKING:
    from socket import socket

    from store.desk import Database

Name = Annotated[str, typer.Argument(help="User name.")]
Role = Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")]
Entities = Annotated[
    list[str] | None, typer.Option("--entity", help="Legal entity whose clients the user sees; give it repeatedly.")
]
Branches = Annotated[
    list[str] | None, typer.Option("--branch", help="Branch whose clients the user sees; give it repeatedly.")
]
Manager = Annotated[str, typer.Option(help="Code of the relationship manager that the user is.")]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input, without asking.")]
Token = Annotated[str, typer.Argument(help="The system that uses it.")]

users = typer.Typer(name="users", add_completion=False, no_args_is_help=True, help="Users of the desk.")
tokens = typer.Typer(name="tokens", add_completion=False, no_args_is_help=True, help="Tokens of services for the API.")


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(serve)
    app.add_typer(users)
    app.add_typer(tokens)


def serve(
    home: HomeOption = HOME,
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    name: Annotated[list[str] | None, typer.Option(help="Host name that people type; give it repeatedly.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="registry.yaml, for previews, searches, log-in, what entities see.",
            envvar="REGISTRY_CONFIG",
        ),
    ] = None,
) -> None:
    """Start the desk and the API; it serves while nights run and follows the live version."""
    import uvicorn

    from rules.settings import load_registry
    from stewardship import accounts
    from stewardship.app import LOOPBACK, create
    from store.home import Home

    with _listening(host, port) as listening:
        place = f"http://{host}:{port}"
        names = [*(name or []), *([] if host in LOOPBACK else [host])]
        app = create(Home(home.absolute()).prepare(), names, load_registry(config) if config else None, _told)
        print(f"Desk  {place}/login\nAPI   {place}/api/v1/openapi.json", flush=True)
        if host not in LOOPBACK:
            print(_EXPOSED, file=sys.stderr, flush=True)
        if not app.state.desk.provider and not accounts.users(_database(home)):
            print("Nobody can log in yet: `registry users add NAME --role steward`", flush=True)
        quiet: dict[str, Any] = {"log_level": "warning", "access_log": False, "server_header": False}
        settings = uvicorn.Config(app, proxy_headers=bool(name), **quiet)
        _settle()
        uvicorn.Server(settings).run([listening])


def _settle() -> None:
    """Let threads take turns often, and the collector pass over what lives as long as the server.

    A thread that comes back from the disk or from DuckDB waits until another gives the interpreter up: by default 5 ms,
    several times a request. Looking through all that was loaded holds everybody up for two tenths of a second.
    """
    import gc

    sys.setswitchinterval(0.0005)
    gc.freeze()


def _told(line: str) -> None:
    print(line, flush=True)


def _listening(host: str, port: int) -> "socket":
    """The port, taken before anything is opened."""
    import socket

    from rules.errors import RegistryError

    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        place = f"--host {host} --port {port}"
        raise RegistryError(place, f"cannot be listened on ({error.strerror})", "choose another --port") from None


_EXPOSED = (
    "Anyone in this network can reach the desk, and passwords travel unencrypted. Listen on 127.0.0.1 and put a proxy "
    "with TLS in front of it; give its name with --name."
)


@users.command("add")
def add_user(
    name: Name, role: Role, stdin: Stdin = False, home: HomeOption = HOME,
    entity: Entities = None, branch: Branches = None, manager: Manager = "",
) -> None:  # fmt: skip
    """Add a user, who sees all clients or those of the entities and branches given; the password is asked for."""
    from stewardship import accounts
    from stewardship.sight import Scope

    seen = Scope(tuple(entity or ()), tuple(branch or ()))
    made = accounts.add(_database(home), name, role, _password(stdin), seen, manager)
    print(f"User {made.name} added as {made.role}.")


@users.command("change")
def change_user(
    name: Name, role: Role, home: HomeOption = HOME,
    entity: Entities = None, branch: Branches = None, manager: Manager = "",
) -> None:  # fmt: skip
    """Give a user another role and scope, all clients where none is given; open sessions end."""
    from stewardship import accounts
    from stewardship.sight import Scope

    accounts.change(_database(home), name, role, Scope(tuple(entity or ()), tuple(branch or ())), manager)
    print("Changed.")


@users.command("password")
def set_password(name: Name, stdin: Stdin = False, home: HomeOption = HOME) -> None:
    """Give a user another password; open sessions end."""
    from stewardship import accounts

    accounts.set_password(_database(home), name, _password(stdin))
    print("Password changed.")


@users.command("hand-over")
def hand_over(name: Name, home: HomeOption = HOME) -> None:
    """Give a local user's place to the person of that name at the identity provider; the password is taken away."""
    from stewardship import accounts

    accounts.hand_over(_database(home), name)
    print("Handed over: the next log-in of that name by the identity provider takes the place.")


@users.command("disable")
def disable_user(
    name: Name, enable: Annotated[bool, typer.Option("--enable", help="Let the user in again.")] = False,
    home: HomeOption = HOME,
) -> None:  # fmt: skip
    """Shut a user out, also from open sessions."""
    from stewardship import accounts

    accounts.disable(_database(home), name, not enable)
    print("Enabled." if enable else "Disabled.")


@users.command("list")
def list_users(home: HomeOption = HOME, json: Json = False) -> None:
    """List the users."""
    from stewardship import accounts

    found: list[dict[str, object]] = [
        {
            "name": user.name,
            "role": user.role,
            "by": "identity provider" if user.subject else "password" if user.local else "",
            "disabled": user.disabled,
            "since": user.created_at,
            "entities": list(user.scope.entities),
            "branches": list(user.scope.branches),
            "manager": user.manager,
        }
        for user in accounts.users(_database(home))
    ]
    _show("Users", found, json)


@tokens.command("issue")
def issue_token(
    name: Token, days: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=3650)] = 365,
    entity: Annotated[list[str] | None, typer.Option(help="Legal entity whose clients it sees; else all.")] = None,
    field: Annotated[list[str] | None, typer.Option(help="Part or column that it sees; by default all.")] = None,
    home: HomeOption = HOME,
) -> None:  # fmt: skip
    """Issue a token for look-ups and searches; it is shown this once."""
    from rules.errors import ConfigError
    from rules.wording import nearest
    from stewardship import sessions
    from stewardship.api.scope import names

    for asked in field or ():
        if asked not in names():
            raise ConfigError("--field", f"'{asked}' is no part or column of a client", nearest(asked, names()))
    print(sessions.issue_token(_database(home), name, days, entity or (), field or ()))


@tokens.command("revoke")
def revoke_token(name: Token, home: HomeOption = HOME) -> None:
    """End a token at once."""
    from stewardship import sessions

    sessions.revoke_token(_database(home), name)
    print("Revoked.")


@tokens.command("list")
def list_tokens(home: HomeOption = HOME, json: Json = False) -> None:
    """List the tokens, without their secrets."""
    from stewardship import sessions

    _show("Tokens", [dict(row) for row in sessions.tokens(_database(home))], json)


def _database(home: Path) -> "Database":
    from store.desk import Database
    from store.home import Home

    return Database(Home(home).prepare())


def _password(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _show(title: str, rows: list[dict[str, object]], json: bool) -> None:
    if json:
        return show_json(rows)
    if not rows:
        return print(f"No {title.lower()} yet.")
    show_table(title, list(rows[0]), [list(row.values()) for row in rows])
