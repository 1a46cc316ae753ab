import hashlib

import polars as pl
import pytest
from anyascii import anyascii

from benchmarks.synthetic import generate

from .conftest import DATES

DAY = DATES[0].isoformat()


def _hashes(folder):
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*.*")}


@pytest.mark.slow
def test_same_seed_same_bytes_other_seed_other_bytes(tmp_path):
    seeds = (("a", 1), ("b", 1), ("c", 2))
    one, same, other = (generate(tmp_path / name, 100, seed, DATES[:1]) for name, seed in seeds)
    assert _hashes(one.folder) == _hashes(same.folder)
    assert _hashes(one.folder)["truth.parquet"] != _hashes(other.folder)["truth.parquet"]


@pytest.mark.slow
def test_size_and_sources_per_party(bank):
    truth = pl.read_parquet(bank.truth)
    assert truth.height == bank.records == truth.select("source", "record_id").n_unique()
    assert truth["entity_id"].n_unique() == bank.clients
    assert 2.0 < truth.height / bank.clients < 2.5
    sources = truth.group_by("entity_id").agg(pl.col("source").n_unique())["source"].value_counts()
    share = dict(sources.with_columns(pl.col("count") / bank.clients).iter_rows())
    for number, expected in zip(range(1, 6), (0.40, 0.30, 0.15, 0.10, 0.05), strict=True):
        assert share[number] == pytest.approx(expected, abs=0.03)


def test_every_delivered_record_is_in_the_truth(bank):
    known = pl.read_parquet(bank.truth)
    for source, rows in _extracts(bank, DAY).items():
        ids = rows.select(record_id=pl.first().cast(pl.String)).drop_nulls()
        assert ids.join(known.filter(source=source), on="record_id", how="anti").is_empty(), source


def test_bad_rows_are_there(bank):
    for source, rows in _extracts(bank, DAY).items():
        key = rows.get_column(rows.columns[0])
        assert key.null_count() >= 1 and key.drop_nulls().is_duplicated().any(), source


def test_true_pairs_disagree_often_enough(bank):
    people = _people(bank).join(pl.read_parquet(bank.truth), on=["source", "record_id"])
    people = people.unique(["source", "record_id"], keep="first", maintain_order=True).with_row_index()
    pairs = people.join(people, on="entity_id", suffix="_r").filter(pl.col("index") < pl.col("index_r"))
    name = pl.col("name").list.set_intersection("name_r").list.len() < 2
    differs = name | pl.any_horizontal((pl.col(c) != pl.col(f"{c}_r")).fill_null(False) for c in ("birth", "phone"))
    assert 0.40 <= pairs.select(differs.mean()).item() <= 0.70


def test_identifiers_are_common_and_not_everywhere(bank):
    share = _people(bank).group_by("source").agg(pl.col("fin").is_not_null().mean())
    shares = dict(share.iter_rows())
    assert shares["core"] > 0.6 > 0.5 > shares["crm"] > 0.25 > shares["leads"]


def test_nights_differ_a_little_and_keep_their_errors(bank):
    one, two = (pl.read_parquet(bank.tables(day) / "crm_client.parquet").unique("id", keep="none") for day in DATES)
    both = one.join(two, on="id")
    same = one.join(two, on=one.columns, nulls_equal=True, how="semi")
    assert 0 < both.height - same.height < 0.03 * both.height
    assert one.join(two, on="id", how="anti").height + two.join(one, on="id", how="anti").height > 0


def test_children_point_at_delivered_records(bank):
    tables = bank.tables(DATES[1])
    clients = pl.read_parquet(tables / "core_client.parquet", columns=["client_no"]).drop_nulls()
    for name in ("account", "document", "operation", "relationship"):
        child = pl.read_parquet(tables / f"core_{name}.parquet")
        assert child.height > 0 and child.join(clients, on="client_no", how="anti").is_empty(), name
    accounts = pl.read_parquet(tables / "core_account.parquet")
    assert not accounts["account_no"].is_duplicated().any()


def test_mutations_name_known_records(bank):
    log = pl.read_parquet(bank.mutations)
    assert log.columns == ["entity_id", "source", "record_id", "field", "kind"]
    kinds = set(log["kind"].unique())
    assert {"blank", "typo", "ocr", "sound", "digit", "birth", "nickname", "household_copy", "dummy", "stale"} <= kinds


def test_no_client_or_descending_dates_are_refused(tmp_path):
    for clients, dates in ((0, DATES), (10, DATES[::-1]), (10, ())):
        with pytest.raises(ValueError, match="expects"):
            generate(tmp_path, clients, 1, dates)


@pytest.mark.parametrize("clients", [1, 15])
def test_the_smallest_banks(tmp_path, clients):
    bank = generate(tmp_path, clients, 5, DATES)
    assert pl.read_parquet(bank.truth)["entity_id"].n_unique() == clients


def _extracts(bank, day):
    files, tables = bank.folder / "files", bank.folder / "tables" / day
    return {
        "core": pl.read_parquet(tables / "core_client.parquet"),
        "crm": pl.read_parquet(tables / "crm_client.parquet"),
        "cards": pl.read_csv(files / f"cards_{day}.csv", separator=";", infer_schema=False),
        "loans": pl.read_parquet(files / f"loans_{day}.parquet"),
        "leads": pl.read_excel(files / f"leads_{day}.xlsx", sheet_name="Leads"),
        "companies": pl.read_ndjson(files / f"companies_{day}.jsonl", infer_schema_length=None),
    }


def _people(bank):
    rows = _extracts(bank, DAY)
    shapes = (
        ("core", pl.col("kind") == "P", "client_no", pl.concat_str("family_name", "first_name", separator=" "),
         "birth_date", pl.col("mobile"), "fin"),
        ("crm", pl.col("type") == "person", "id", pl.col("full_name"), "date_of_birth",
         pl.col("phones").list.first(), "pin"),
        ("cards", pl.lit(True), "holder_id", pl.concat_str("surname", "name", separator=" "), "birth",
         pl.col("mobile"), "fin"),
        ("loans", pl.col("borrower_type") == 1, "borrower_id", pl.col("full_name"), "birth_date",
         pl.col("phone").cast(pl.String), "pin"),
        ("leads", pl.col("contact_type") == "person", "lead_no", pl.col("full_name"), "date_of_birth",
         pl.col("phone"), "pin"),
    )  # fmt: skip
    parts = [
        rows[source].filter(keep).select(
            source=pl.lit(source), record_id=pl.col(key).cast(pl.String), name=name,
            birth=pl.col(birth).cast(pl.String), phone=phone.str.replace_all(r"\D", "").str.slice(-9), fin=fin,
        ).drop_nulls("record_id")
        for source, keep, key, name, birth, phone, fin in shapes
    ]  # fmt: skip
    whole = pl.concat(parts)
    ascii_name = {name: anyascii(name).lower() for name in whole["name"].unique().drop_nulls().to_list()}
    formats = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
    return whole.with_columns(
        name=pl.col("name").replace(ascii_name).str.split(" "),
        birth=pl.coalesce(pl.col("birth").str.to_date(form, strict=False) for form in formats),
    )
