"""The software bill of materials names what the lock installs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_bill_names_every_locked_package_with_its_hashes(tmp_path):
    told = tmp_path / "sbom.json"
    recipe = re.search(
        r"cyclonedx-py (requirements .*?) -o", (ROOT / "Makefile").read_text(encoding="utf-8"), re.DOTALL
    )
    asked = [*recipe.group(1).replace("\\\n", " ").split(), "-o", str(told)]
    subprocess.run([sys.executable, "-m", "cyclonedx_py", *asked], cwd=ROOT, check=True, capture_output=True)
    found = {(one["name"], one["version"]): one for one in json.loads(told.read_text())["components"]}
    lock = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==([^ ]+)", lock, re.MULTILINE))
    assert set(found) == locked and len(locked) > 100
    assert all(one["externalReferences"][0]["hashes"] for one in found.values())
