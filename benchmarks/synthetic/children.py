"""What hangs on the records: accounts, operations, relationships, documents, activities, requests, holdings.

Here: child tables, each row pointing at a record that its source delivers that night. Not here: the records.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import polars as pl

from benchmarks.synthetic import identifiers
from benchmarks.synthetic.chunk import SIZE, Chunk, Side
from benchmarks.synthetic.compliance import tax_residences, watch_list
from benchmarks.synthetic.draws import Ints, stream, weighted
from benchmarks.synthetic.life import day
from benchmarks.synthetic.pictures import hashed
from benchmarks.synthetic.relationships import relationships
from benchmarks.synthetic.service import assignments, codes, managers

CURRENCIES, CURRENCY_SHARE = np.array(["AZN", "USD", "EUR", "RUB"]), (70, 18, 10, 2)


def tables(chunk: Chunk, night: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """(path with {date}, rows) of every child table of that night."""
    for source, name, place, shares, make in (
        ("core", "core_account", "tables/{date}/core_account.parquet", (0.25, 0.45, 0.2, 0.1), _accounts),
        ("core", "core_document", "tables/{date}/core_document.parquet", (0.2, 0.4, 0.4), _documents),
        ("crm", "crm_activity", "tables/{date}/crm_activity.parquet", (0.5, 0.3, 0.2), partial(_activities, chunk)),
        ("crm", "crm_request", "tables/{date}/crm_request.parquet", (0.85, 0.15), _requests),
        ("crm", "crm_questionnaire", "tables/{date}/crm_questionnaire.parquet", (0.7, 0.3), _questionnaires),
        ("crm", "crm_consent", "tables/{date}/crm_consent.parquet", (0.4, 0.6), _consents),
        (
            "crm",
            "crm_employment",
            "tables/{date}/crm_employment.parquet",
            (0.4, 0.45, 0.15),
            partial(_employments, chunk),
        ),
        ("crm", "crm_opportunity", "tables/{date}/crm_opportunity.parquet", (0.8, 0.2), partial(_opportunities, chunk)),
        ("crm", "crm_referral", "tables/{date}/crm_referral.parquet", (0.9, 0.1), partial(_referrals, chunk)),
        ("crm", "crm_assignment", "tables/{date}/crm_assignment.parquet", (0.6, 0.4), partial(assignments, chunk)),
        ("crm", "crm_tax_residence", "tables/{date}/crm_tax_residence.parquet", (0.85, 0.15), tax_residences),
        ("cards", "card_holdings", "files/card_holdings_{date}.csv", (0.05, 0.75, 0.2), _cards),
        ("loans", "loan_holdings", "files/loan_holdings_{date}.parquet", (0.1, 0.75, 0.15), _loans),
    ):
        base = pl.concat([_owned(chunk, side, source, name, shares, night) for side in chunk.sides])
        rows = make(base, stream(chunk.seed, f"child {name}", chunk.number), base.height)
        kept = rows.filter(base["alive"])
        yield place, kept
        if name == "core_account":
            yield "tables/{date}/core_operation.parquet", _operations(kept, chunk, night)
    yield "tables/{date}/core_relationship.parquet", relationships(chunk, night)
    yield "tables/{date}/managers.parquet", managers(chunk, night)
    yield "files/watch_list_{date}.csv", watch_list(chunk)


def _owned(chunk: Chunk, side: Side, source: str, name: str, shares: tuple[float, ...], night: int) -> pl.DataFrame:
    """owner, serial, first day, currency and alive of 0..k things of each record; the same every night."""
    if source not in side.records:
        return pl.DataFrame(schema={"owner": pl.String, "serial": pl.Int64, "since": pl.Date, "currency": pl.String,
                                    "today": pl.Date, "alive": pl.Boolean})  # fmt: skip
    records = side.records[source]
    rng = stream(chunk.seed, f"owned {name} {side.table}", chunk.number)
    at = np.repeat(np.arange(len(records.rows)), weighted(rng, shares, len(records.rows)))
    n, block = len(at), (chunk.number * 2 + (side.table == "organisations")) * SIZE * 5
    first = day(chunk.nights[0])
    since = np.minimum(records.created[at] + rng.integers(0, 2000, n), first)
    return pl.DataFrame(
        {
            "owner": records.record_id.gather(at), "serial": block + np.arange(n),
            "since": pl.Series(since.astype(np.int32)).cast(pl.Date),
            "currency": CURRENCIES[weighted(rng, CURRENCY_SHARE, n)],
            "today": pl.Series([chunk.nights[night]]).new_from_index(0, n), "alive": records.alive(night)[at],
        }
    )  # fmt: skip


def _money(rng: np.random.Generator, n: int, low: float, high: float) -> pl.Series:
    cents = (10 ** rng.uniform(low, high, n) * 100).astype(np.int64)
    return (pl.Series(cents).cast(pl.Decimal(24, 2)) / 100).cast(pl.Decimal(24, 2))


def _choice(rng: np.random.Generator, n: int, values: tuple[str, ...], shares: tuple[float, ...]) -> pl.Series:
    return pl.Series(np.array(values)[weighted(rng, shares, n)], dtype=pl.String)


def _code(prefix: str, serial: pl.Expr) -> pl.Expr:
    return pl.lit(prefix) + (serial + 10_000_000).cast(pl.String)


def _accounts(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    product = _choice(rng, n, ("account", "deposit", "investment", "insurance"), (0.62, 0.25, 0.08, 0.05))
    term = pl.Series(rng.integers(1, 5, n)).cast(pl.String) + "y"
    return base.select(
        identifiers.iban_az(base["serial"].to_numpy()).alias("account_no"), pl.col("owner").alias("client_no"),
        product.alias("product"), status=_choice(rng, n, ("open", "closed", "dormant"), (0.88, 0.08, 0.04)),
        opened_on="since", matures_on=pl.when(product != "account").then(pl.col("since").dt.offset_by(pl.lit(term))),
        currency="currency", balance=_money(rng, n, 0, 5.5), interest_paid=_money(rng, n, 0, 3),
    )  # fmt: skip


def _operations(accounts: pl.DataFrame, chunk: Chunk, night: int) -> pl.DataFrame:
    when = chunk.nights[night]
    rng = stream(chunk.seed, f"operations {when.isoformat()}", chunk.number)
    mine = accounts.select("account_no", "client_no", "currency").filter(pl.Series(rng.random(accounts.height) < 0.3))
    n = mine.height
    serial: Ints = chunk.number * SIZE * 5 + np.arange(n)
    seconds = pl.Series(rng.integers(8 * 3600, 20 * 3600, n))
    return mine.select(
        _code(f"OP{when:%Y%m%d}", pl.lit(pl.Series(serial))).alias("operation_id"), "account_no", "client_no",
        at=pl.lit(when).cast(pl.Datetime("us")) + pl.duration(seconds=pl.lit(seconds)),
        kind=_choice(rng, n, ("transfer_in", "transfer_out", "cash_in", "cash_out", "payment"), (3, 3, 1, 1, 4)),
        amount=_money(rng, n, 0, 4.5), currency="currency",
    )  # fmt: skip


def _documents(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    number = _code("DOC", pl.col("serial"))
    return hashed(base.select(
        "serial", number.alias("document_no"), pl.col("owner").alias("client_no"),
        kind=_choice(rng, n, ("identity_copy", "signature", "photograph", "contract"), (4, 2, 1, 3)),
        file_ref=pl.lit("dossier/") + number, made_on="since",
        content_hash=(pl.col("serial") * 2_654_435_761 % 2**48).cast(pl.String),
        expires_on=pl.when(pl.Series(rng.random(n) < 0.5)).then(pl.col("since").dt.offset_by("10y")),
    ))  # fmt: skip


def _employments(chunk: Chunk, base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Employers are organisations of the chunk, some of which are clients."""
    firms = chunk.sides[1].parties.select("name_latin", "voen")
    firm = firms[rng.integers(0, firms.height, n)] if firms.height else firms.clear(n)
    ended = pl.when(pl.Series(rng.random(n) < 0.3)).then(pl.col("since").dt.offset_by("1y"))
    return base.select(
        _code("EMP", pl.col("serial")).alias("employment_id"), pl.col("owner").alias("client_id"),
        employer_name=firm["name_latin"], employer_number=firm["voen"],
        position=_choice(rng, n, ("accountant", "driver", "engineer", "manager", "teacher"), (2, 2, 2, 2, 2)),
        from_date="since", to_date=pl.min_horizontal(ended, "today"),
    )  # fmt: skip


def _opportunities(chunk: Chunk, base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("OPP", pl.col("serial")).alias("opportunity_id"), pl.col("owner").alias("client_id"),
        product=_choice(rng, n, ("deposit", "investment", "insurance", "card"), (4, 3, 2, 1)),
        stage=_choice(rng, n, ("new", "contacted", "offered", "won", "lost"), (3, 3, 2, 1, 1)),
        manager=_choice(rng, n, (*codes(chunk),), (1.0,) * len(codes(chunk))),
        need=_choice(rng, n, ("savings for a child", "a larger flat", "a safe income"), (1, 1, 1)),
        next_contact=pl.col("today") + pl.duration(days=pl.lit(pl.Series(rng.integers(-5, 30, n)))),
    )  # fmt: skip


def _referrals(chunk: Chunk, base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("REF", pl.col("serial")).alias("referral_id"), pl.col("owner").alias("client_id"),
        referred_by=_choice(rng, n, ("counter", "lobby", "phone"), (5, 3, 2)),
        receiver=_choice(rng, n, (*codes(chunk),), (1.0,) * len(codes(chunk))),
        product=_choice(rng, n, ("investment", "deposit", "insurance"), (3, 3, 1)), referred_on="since",
        outcome=_choice(rng, n, ("open", "accepted", "declined", "sold"), (1, 3, 2, 2)),
    )  # fmt: skip


def _activities(chunk: Chunk, base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("ACT", pl.col("serial")).alias("activity_id"), pl.col("owner").alias("client_id"),
        kind=_choice(rng, n, ("call", "visit", "email", "campaign"), (4, 2, 2, 2)), on="since",
        outcome=_choice(rng, n, ("reached", "not_reached", "interested", "refused"), (4, 3, 2, 1)),
        manager=_choice(rng, n, (*codes(chunk),), (1.0,) * len(codes(chunk))),
    )  # fmt: skip


def _requests(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("REQ", pl.col("serial")).alias("request_id"), pl.col("owner").alias("client_id"),
        kind=_choice(rng, n, ("application", "complaint"), (8, 2)),
        product=_choice(rng, n, ("loan", "card", "deposit", "account"), (4, 3, 2, 1)), opened_on="since",
        status=_choice(rng, n, ("new", "in_work", "done", "refused"), (1, 2, 5, 1)),
        department=_choice(rng, n, ("retail", "corporate", "claims"), (6, 2, 2)),
    )  # fmt: skip


def _questionnaires(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("Q", pl.col("serial")).alias("questionnaire_id"), pl.col("owner").alias("client_id"),
        kind=_choice(rng, n, ("profile", "anti_money_laundering", "correspondent_bank"), (6, 3, 0.2)),
        filled_on="since",
        complete_percent=pl.Series(rng.integers(40, 101, n)),
    )  # fmt: skip


def _consents(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        pl.col("owner").alias("client_id"), channel=_choice(rng, n, ("phone", "email", "sms", "post"), (3, 3, 3, 1)),
        purpose=pl.lit("marketing"), legal_entity=_choice(rng, n, ("bank_az", "lease_az"), (4, 1)),
        given=pl.Series(rng.random(n) < 0.7), at="since",
    )  # fmt: skip


def _cards(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("CARD", pl.col("serial")).alias("card_ref"), pl.col("owner").alias("holder_id"),
        level=_choice(rng, n, ("classic", "gold", "platinum"), (8, 1.5, 0.5)), currency="currency",
        status=_choice(rng, n, ("active", "blocked", "closed"), (0.85, 0.05, 0.1)),
        issued=pl.col("since").dt.strftime("%d.%m.%Y"),
        expires=pl.col("since").dt.offset_by("4y").dt.strftime("%d.%m.%Y"), balance=_money(rng, n, 0, 4),
        credit_limit=_money(rng, n, 2, 4), days_past_due=_overdue(rng, n),
    )  # fmt: skip


def _loans(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    return base.select(
        _code("LN", pl.col("serial")).alias("contract_no"), pl.col("owner").cast(pl.Int64).alias("borrower_id"),
        product=_choice(rng, n, ("loan", "leasing"), (0.4, 0.6)), opened_on="since",
        matures_on=pl.col("since").dt.offset_by("6y"), currency="currency", amount=_money(rng, n, 3, 6),
        balance=_money(rng, n, 2, 5.5), interest_earned=_money(rng, n, 1, 4), days_past_due=_overdue(rng, n),
        status=_choice(rng, n, ("open", "closed"), (0.8, 0.2)),
    )  # fmt: skip


def _overdue(rng: np.random.Generator, n: int) -> pl.Series:
    return pl.Series(np.where(rng.random(n) < 0.08, rng.integers(1, 200, n), 0))
