"""A small bank for the client desk: the demo's cards and loans, and what a desk needs beside, with a night at will.

Six holders of gold cards have a manager; two of them, a watch list and a dossier with pictures are named by `People`.
"""

import csv
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from fastapi.testclient import TestClient

from benchmarks.synthetic.pictures import drawn
from pipelines.context import Place, current, set_place
from store.hashing import file_sha256

FEEDS = {
    "desk_entries": "name: desk_entries\nkind: desk\n",
    "staff": """
name: staff
legal_entity: bank_az
kind: csv
read: {path: staff.csv, key: code}
contract: {columns: {code: text, branch: text}}
map: [{manager: {code: code}}]
""",
    "care": """
name: care
of: cards
record: holder
kind: csv
read: {path: care.csv, key: no}
contract: {columns: {"no": text, holder: text, manager: text}}
map: [{assignment: {manager: manager}}]
""".replace("key: no", 'key: "no"'),
    "watch": """
name: watch
kind: csv
read: {path: watch.csv, key: id}
contract: {columns: {id: text, name: text, born: date}}
map: [{listed: {name: name, birth_date: born}}]
""",
    "papers": """
name: papers
of: cards
record: holder
kind: csv
read: {path: papers.csv, key: number}
contract: {columns: {number: text, holder: text, kind: text, file: text, hash: text}}
map: [{document: {kind: kind, number: number, file_ref: file, content_hash: hash}}]
""",
    "answers": """
name: answers
of: cards
record: holder
kind: csv
read: {path: answers.csv, key: id}
stale_nights: 0
contract: {min_rows: 0, columns: {id: text, holder: text, status: text, asked: text, opened: date, closed: date}}
map: [{request: {product: {constant: card}, status: status, asked_as: asked, opened: opened, closed: closed}}]
""",
}  # fmt: skip
DESK = "name: desk\nkind: desk\nlegal_entity: bank_az\ntrust: 60\n"
REGISTRY = """
legal_entities: [{id: bank_az, country: AZ}, {id: lease_az, country: AZ}]
time_zone: Asia/Baku
sources: [sources/cards.yaml, sources/loans.yaml, sources/desk.yaml]
feeds: [feeds/card_holdings.yaml, %s]
dossier: archive
memory: 2GB
"""


@dataclass(frozen=True)
class People:
    """Keys in `cards` of the holders that the tests are about: gold cards, a manager, the watch list, a passport."""

    gold: list[str]
    listed: list[str]
    passports: dict[str, str]


def make_bank(demo_home: Path, folder: Path) -> tuple[Place, People]:
    """The bank's folder and home; no night has run."""
    bank, home = folder / "bank", folder / "home"
    shutil.copytree(demo_home / "bank" / "sources", bank / "sources")
    shutil.copytree(demo_home / "models", home / "models")
    (bank / "feeds").mkdir()
    (bank / "files").mkdir()
    shutil.copy(demo_home / "bank" / "feeds" / "card_holdings.yaml", bank / "feeds")
    for file in (demo_home / "bank" / "files").glob("*_2026-*"):
        if file.name.startswith(("cards_", "loans_", "card_holdings_")):
            shutil.copy(file, bank / "files")
    (bank / "sources" / "desk.yaml").write_text(DESK)
    for name, text in FEEDS.items():
        (bank / "feeds" / f"{name}.yaml").write_text(text)
    (bank / "registry.yaml").write_text(REGISTRY % ", ".join(f"feeds/{name}.yaml" for name in FEEDS))
    return set_place(bank / "registry.yaml", home), _people(bank)


def _people(bank: Path) -> People:
    """Choose holders by what the files say, and write the files that name them."""
    cards = pl.read_csv(bank / "files" / "cards_2026-03-02.csv", separator=";", infer_schema=False).unique("holder_id")
    gold = pl.read_csv(bank / "files" / "card_holdings_2026-03-02.csv", separator=";", infer_schema=False)
    later = pl.read_csv(bank / "files" / "cards_2026-03-03.csv", separator=";", infer_schema=False)["holder_id"]
    cards = cards.filter(pl.col("holder_id").is_in(later.implode())).sort("holder_id")
    owners = gold.filter(pl.col("level").is_in(["gold", "platinum"]), status="active")["holder_id"]
    mine = cards.filter(pl.col("holder_id").is_in(owners.implode()))["holder_id"].to_list()
    dated = cards.filter(
        ~pl.col("holder_id").is_in(mine), pl.col("birth").is_not_null(), pl.col("surname").is_not_null()
    )
    listed = dated.head(2)
    known = cards.filter(pl.col("document").is_not_null())
    write(bank / "staff.csv", [{"code": "RM1", "branch": ""}])
    write(bank / "care.csv", [{"no": str(no), "holder": key, "manager": "RM1"} for no, key in enumerate(mine[:6])])
    write(bank / "watch.csv", [
        {"id": f"E{no}", "name": f"{row['name']} {row['surname']}", "born": "-".join(row["birth"].split(".")[::-1])}
        for no, row in enumerate(listed.iter_rows(named=True))
    ])  # fmt: skip
    _papers(bank, [*mine[:2], *known["holder_id"].to_list()])
    answered(bank, [])
    passports = dict(known.select("holder_id", "document").iter_rows())
    return People(mine, listed["holder_id"].to_list(), passports)


def _papers(bank: Path, holders: list[str]) -> None:
    rows: list[dict[str, str]] = []
    (bank / "archive").mkdir()
    for place, holder in enumerate(dict.fromkeys(holders)):
        for kind in ("photograph", "signature", "identity_copy"):
            file = bank / "archive" / f"{kind}-{place}"
            if place < 3:
                file.write_bytes(drawn(kind, place) if kind != "identity_copy" else b"%PDF-1.7 a copy")
            digest = file_sha256(file) if file.exists() else ""
            rows.append(
                {"number": f"{kind[:2]}{place}", "holder": holder, "kind": kind, "file": file.name, "hash": digest}
            )
    write(bank / "papers.csv", rows)


def answered(bank: Path, rows: list[dict[str, str]]) -> None:
    """What the card centre tells of operation requests."""
    write(bank / "answers.csv", rows, ["id", "holder", "status", "asked", "opened", "closed"])


def write(path: Path, rows: list[dict[str, Any]], columns: list[str] | None = None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@contextmanager
def left_as_it_was():
    """Making a place sets variables and the umask of this process: put both back."""
    before, mask = dict(os.environ), os.umask(0o077)
    os.umask(mask)
    try:
        yield
    finally:
        os.umask(mask)
        os.environ.clear()
        os.environ.update(before)
        current.cache_clear()


def send(client: TestClient, path: str, key: str = "", **fields: str):
    """Send a form as a page of the client's session would."""
    request = (key or f"{path}{sorted(fields.items())}").encode().hex()[-60:]
    return client.post(path, data={"csrf": client.csrf, "request": request, **fields})
