"""docs/sbom.json: all that the product runs on, as a CycloneDX 1.6 document.

It holds no date and no number of its own, so it changes only with what it lists.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

from tests.supply.licences import licence_of, terms
from tests.supply.lock import PRODUCT, ROOT, Locked, locked
from tests.supply.parts import PARTS, Part

FILE = ROOT / "docs" / "sbom.json"
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# As uv names the project itself where it wants a package.
_ITSELF = _PROJECT["name"]
_ROOT_REF = f"pkg:generic/{_ITSELF}@{_PROJECT['version']}"


def text() -> str:
    """The whole file."""
    packages = locked(PRODUCT)
    root = {
        "type": "application",
        "bom-ref": _ROOT_REF,
        "name": _ITSELF,
        "version": _PROJECT["version"],
        "description": _PROJECT["description"],
    }
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root},
        "components": [*map(_package, packages), *map(_part, PARTS)],
        "dependencies": _dependencies(packages),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _package(package: Locked) -> dict[str, Any]:
    told = _component("library", package.name, package.version, licence_of(package.name), package.purl)
    where = [{"name": "python:marker", "value": package.where}] if package.where else []
    return told | ({"properties": where} if where else {})


def _part(part: Part) -> dict[str, Any]:
    told = _component(part.kind, part.name, part.version, part.licence, part.purl)
    return told | {"properties": [{"name": "leftoff:where", "value": part.where}]}


def _component(kind: str, name: str, version: str, licence: str, purl: str) -> dict[str, Any]:
    licences = [{"license": {"id": licence}}] if terms(licence) == {licence} else [{"expression": licence}]
    return {
        "type": kind,
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": licences,
        "purl": purl,
    }


def _dependencies(packages: list[Locked]) -> list[dict[str, Any]]:
    """Who wants whom: each package of the lock, and the project itself with what it brings along."""
    wants: dict[str, list[str]] = {_ITSELF: [part.purl for part in PARTS]}
    for package in packages:
        for wanting in package.wanted_by:
            wants.setdefault(wanting, []).append(package.purl)
    refs = [(_ROOT_REF, _ITSELF), *((package.purl, package.name) for package in packages)]
    return [{"ref": ref, "dependsOn": sorted(wants.get(name, []))} for ref, name in refs]
