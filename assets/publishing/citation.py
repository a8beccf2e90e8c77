"""CITATION.cff: how a release is cited, in the Citation File Format.

Here belongs that file alone. It names no date: the release instant stands in the manifest.
"""

import yaml

from assets.publishing.candidates import ProductFacts
from assets.publishing.descriptor import OPEN_LICENCE


def citation(product: ProductFacts, version: str) -> bytes:
    """The file's text: title, version, licence, and the word that the version belongs to it."""
    content = {
        "cff-version": "1.2.0",
        "type": "dataset",
        "message": (
            "Cite the version: it never changes. / Dyfynnwch y fersiwn: nid yw byth yn newid."
        ),
        "title": f"{product.title.en} / {product.title.cy}",
        "abstract": f"{product.description.en} / {product.description.cy}",
        "version": version,
        "license": OPEN_LICENCE["name"],
        "authors": [{"name": "council-benchmarks"}],
        "identifiers": [
            {
                "type": "other",
                "value": f"urn:council-benchmarks:{product.id}:{version}",
                "description": "This version, in feed.json / Y fersiwn hon, yn feed.json",
            }
        ],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100).encode()
