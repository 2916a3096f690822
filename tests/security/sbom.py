"""List of parts of a release (SBOM) in CycloneDX 1.6, from the server's lock and vendored files.

The same lock and files give the same bytes: it holds no time, and its serial number is made of its
contents.
"""

import json
import tomllib
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from release.lock_file import LOCK, ROOT, LockedPackage, read_lock
from tests.security.licences import installed, licence_of
from tests.security.vendored import vendored_packages

Json = dict[str, Any]


def write_sbom(folder: Path = ROOT / "dist") -> Path:
    """Write ``screenpop-<version>.cdx.json`` into a folder and return its path."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parts = list_parts(project["version"])
    folder.mkdir(exist_ok=True)
    path = folder / f"screenpop-{project['version']}.cdx.json"
    path.write_text(json.dumps(parts, indent=2) + "\n", "utf-8")
    return path


def list_parts(version: str) -> Json:
    """Return the document for a version of Screenpop."""
    packages = [_package(one) for one in read_lock(LOCK.read_text("utf-8"))]
    components = packages + [_vendored(one) for one in vendored_packages()]
    own = f"pkg:pypi/screenpop@{version}"
    serial = uuid.uuid5(uuid.NAMESPACE_URL, own + json.dumps(components, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "screenpop",
                "version": version,
                "purl": own,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _package(package: LockedPackage) -> Json:
    purl = f"pkg:pypi/{package.name.lower().replace('_', '-')}@{package.version}"
    component: Json = {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "hashes": [_sha256(digest) for digest in package.hashes],
    }
    if found := installed(package):
        component["licenses"] = [_licence(licence_of(package.name, found.metadata))]
    if package.marker:
        component["properties"] = [{"name": "screenpop:installed-if", "value": package.marker}]
    return component


def _vendored(entry: Json) -> Json:
    # The @ of an npm scope is written in percent form (purl specification).
    purl = f"pkg:npm/{quote(entry['name'], safe='/')}@{entry['version']}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": entry["name"],
        "version": entry["version"],
        "purl": purl,
        "licenses": [_licence(entry["licence"])],
        "components": [
            {
                "type": "file",
                "bom-ref": f"{purl}#{file}",
                "name": f"static/{file}",
                "hashes": [_sha256(digest)],
            }
            for file, digest in entry["files"].items()
        ],
    }


def _sha256(digest: str) -> Json:
    return {"alg": "SHA-256", "content": digest}


def _licence(expression: str) -> Json:
    is_one = " " not in expression
    return {"license": {"id": expression}} if is_one else {"expression": expression}
