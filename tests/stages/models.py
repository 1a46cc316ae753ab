"""A second model beside a home's first: the same weights under another threshold and fewer blocking rules."""

import json
import shutil

import polars as pl

from matching import model


def sibling(models, party, name="bootstrap", rules=None, roles=0, **facts):
    """Store a changed copy of a model version and return it."""
    first = model.load(models, party, name)
    staged = models / f"{party}-staged"
    shutil.copytree(first.folder, staged)
    settings, kept = first.settings, first.facts | facts
    if rules is not None:
        kept |= {"blocking": kept["blocking"][:rules]}
        asked = settings["blocking_rules_to_generate_predictions"][:rules]
        settings = settings | {"blocking_rules_to_generate_predictions": asked}
    for file, value in (("settings.json", settings), ("model.json", kept)):
        (staged / file).write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if roles:
        learnt = staged / "name_role.parquet"
        pl.read_parquet(learnt).with_columns(pl.col("given") + roles).write_parquet(learnt)
    (staged / model.REPORT).unlink(missing_ok=True)
    return model.load(models, party, model.store(staged, models, party).name)
