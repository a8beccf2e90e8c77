"""catalogue.json: the products as a DCAT 3 catalogue (JSON-LD).

Here belongs that vocabulary alone. Addresses are relative to the catalogue, wherever it is served.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from assets.publishing.words import NOT_OFFICIAL, Words

LICENCE_PAGE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DESCRIPTORS = {
    "datapackage.json": "https://specs.frictionlessdata.io/data-package/",
    "csv-metadata.json": "https://www.w3.org/TR/tabular-metadata/",
}
"""JSON files that are distributions, with the standard they keep to."""
_IANA = "https://www.iana.org/assignments/media-types"


def catalogue(versions: Iterable[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """The catalogue; versions holds the manifests of each product, the current one first."""
    return {
        "@context": CONTEXT,
        "@id": "catalogue.json",
        "@type": "dcat:Catalog",
        "dct:title": _both(Words("Council benchmarks", "Meincnodau cynghorau")),
        "dct:description": _both(
            Words(
                "Figures of councils, compared, in versions that never change.",
                "Ffigurau cynghorau, wedi'u cymharu, mewn fersiynau nad ydynt byth yn newid.",
            )
        ),
        "dct:publisher": _publisher(),
        "dct:language": ["en", "cy"],
        "dct:license": {"@id": LICENCE_PAGE},
        "foaf:homepage": {"@id": "index.html"},
        "dcat:dataset": [_dataset(list(manifests)) for manifests in versions if manifests],
    }


def _publisher() -> dict[str, str]:
    return {"@type": "foaf:Agent", "foaf:name": "council-benchmarks"}


def _dataset(manifests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    current, first = manifests[0], manifests[-1]
    product, version = current["product"], current["version"]
    previous = current["previous_version"]
    return {
        "@id": f"urn:council-benchmarks:{product}:{version}",
        "@type": "dcat:Dataset",
        "dct:identifier": product,
        "dct:title": _both(Words(**current["title"])),
        "dct:description": _both(Words(**current["description"])),
        "dct:issued": _typed(first["released_at"], "dateTime"),
        "dct:modified": _typed(current["released_at"], "dateTime"),
        "dct:publisher": _publisher(),
        **_rights(current.get("publishers", ())),
        "dct:language": ["en", "cy"],
        "dct:license": {"@id": LICENCE_PAGE},
        "dcat:contactPoint": {"@type": "vcard:Group", "vcard:fn": current["owner"]},
        "dcat:version": version,
        **({"dcat:previousVersion": _version(product, previous)} if previous else {}),
        "dcat:hasVersion": [_version(product, item["version"]) for item in manifests],
        "dcat:landingPage": {"@id": f"{product}/{version}/site/index.html"},
        "dcat:distribution": list(_distributions(product, current)),
    }


def _rights(publishers: Sequence[str]) -> dict[str, Any]:
    """Whose figures they are; releases made before the manifest said so have no such line."""
    if not publishers:
        return {}
    return {"dct:rights": _both(NOT_OFFICIAL.fill(publishers="; ".join(publishers)))}


def _version(product: str, version: str) -> dict[str, str]:
    return {"@id": f"urn:council-benchmarks:{product}:{version}"}


def _both(words: Words) -> list[dict[str, str]]:
    return [
        {"@language": "en", "@value": words.en},
        {"@language": "cy", "@value": words.cy},
    ]


def _typed(value: object, kind: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": str(value)}


def _distributions(product: str, manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, facts in manifest["files"].items():
        media = MEDIA_TYPES.get(PurePosixPath(path).suffix)
        is_other_json = path.endswith(".json") and path not in DESCRIPTORS
        if media is None or is_other_json:
            continue
        standard = DESCRIPTORS.get(path)
        yield {
            "@type": "dcat:Distribution",
            "dct:title": path,
            "dcat:downloadURL": {"@id": f"{product}/{manifest['version']}/{path}"},
            "dcat:mediaType": {"@id": f"{_IANA}/{media}"},
            "dct:license": {"@id": LICENCE_PAGE},
            "dcat:byteSize": _typed(facts["bytes"], "nonNegativeInteger"),
            **({"dct:conformsTo": {"@id": standard}} if standard else {}),
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": _typed(facts["sha256"], "hexBinary"),
            },
        }
