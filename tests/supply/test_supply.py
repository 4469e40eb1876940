"""What the product is made of: listed whole, under licences that are allowed, without known holes."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.version import Version

from sessions_app.embedded import binaries
from tests.supply import licence_page, sbom
from tests.supply.licences import ALLOWED, ALLOWED_IN_DEVELOPMENT, licence_of, terms
from tests.supply.lock import DEVELOPMENT, PRODUCT, ROOT, locked
from tests.supply.parts import PARTS

MAKE_THEM = "make it anew: python -m tests.supply"


@pytest.mark.parametrize("document", [sbom, licence_page], ids=lambda document: document.FILE.name)
def test_the_lists_are_those_of_the_locks(document) -> None:
    assert document.FILE.read_text() == document.text(), MAKE_THEM


def test_the_bill_of_materials_is_one() -> None:
    """By the format's own schema, and nobody in it wants somebody who is not there."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom.FILE.read_text()) is None
    told = json.loads(sbom.FILE.read_text())
    refs = [each["bom-ref"] for each in told["components"]]
    assert len(refs) == len(set(refs)) == len(locked(PRODUCT)) + len(PARTS)
    wanted = {ref for each in told["dependencies"] for ref in each["dependsOn"]}
    assert wanted == set(refs), "each is there because of another"


def test_every_licence_is_known_and_allowed() -> None:
    product = {each.name for each in locked(PRODUCT)}
    shipped = {each: licence_of(each) for each in product} | {part.name: part.licence for part in PARTS}
    assert {each: found for each, found in shipped.items() if not terms(found) <= ALLOWED} == {}
    others = {each.name: licence_of(each.name) for each in locked(DEVELOPMENT) if each.name not in product}
    assert {each: found for each, found in others.items() if not terms(found) <= ALLOWED_IN_DEVELOPMENT} == {}


def test_a_licence_that_nothing_tells_is_an_error() -> None:
    with pytest.raises(LookupError, match="read its licence file"):
        licence_of("not-there-at-all")


def test_what_is_vendored_is_listed() -> None:
    """Each file, in the version that it says of itself; and the server that the wheel brings."""
    vendored = {path for path in (ROOT / "static" / "vendor").iterdir() if path.suffix == ".js"}
    parts = {ROOT / part.where: part for part in PARTS if part.where.startswith("static/")}
    assert vendored == set(parts)
    [htmx] = [part for part in PARTS if part.name == "htmx"]
    assert f'this.version="{htmx.version}"' in (ROOT / htmx.where).read_text()
    [server] = [part for part in PARTS if part.name == "PostgreSQL"]
    asking = [binaries.find_program("postgres"), "--version"]
    said = subprocess.run(asking, capture_output=True, text=True, check=True).stdout
    assert said.split()[-1] == server.version
    [icons] = [part for part in PARTS if part.name == "Lucide icons"]
    assert icons.version in {each.version for each in locked(PRODUCT) if each.name == "lucide"}


def test_no_lock_falls_below_the_least_versions() -> None:
    """docs/advisories.md, without any network."""
    table = (ROOT / "docs" / "advisories.md").read_text()
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", table, re.MULTILINE)
    assert rows
    for name, least in rows:
        for file in (PRODUCT, DEVELOPMENT):
            versions = [each.version for each in locked(file) if each.name == name]
            assert versions, f"{file.name} does not hold {name}: take its row out"
            assert all(Version(version) >= Version(least) for version in versions), name
