"""feed.json: every version and every notice, newest first, as a JSON Feed 1.1 in both languages.

Here belongs what an item says; which versions and notices there are is known to listings.py.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from assets.publishing.changelog import class_words
from assets.publishing.pointer import Notice
from assets.publishing.words import Words

NOTICE_TITLES = {
    "withdrawn": Words("Withdrawn: {title} {version}", "Tynnwyd yn ôl: {title} {version}"),
    "removed": Words(
        "Withdrawn and removed: {title} {version}", "Tynnwyd yn ôl a dilëwyd: {title} {version}"
    ),
    "set aside": Words("Set aside: {title} {version}", "Rhoddwyd o'r neilltu: {title} {version}"),
    "restored": Words("Restored: {title} {version}", "Adferwyd: {title} {version}"),
}


def feed(items: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """The feed that holds these items."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Council benchmarks / Meincnodau cynghorau",
        "description": "Every version of every dataset, and what changed / Pob fersiwn o bob set"
        " ddata, a'r hyn a newidiodd",
        "home_page_url": "index.html",
        "feed_url": "feed.json",
        "authors": [{"name": "council-benchmarks"}],
        "items": sorted(items, key=lambda i: (i["date_published"], i["id"]), reverse=True),
    }


def version_item(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the feed says of a version: why it is there, corrections apart from revisions."""
    product, version = manifest["product"], manifest["version"]
    counts = manifest.get("changes_by_class", {})
    title, reason = Words(**manifest["title"]), Words(**manifest["reason"])
    kinds = class_words(counts)
    lines = [reason, *kinds]
    return {
        **_identity(f"{product}:{version}", f"{product}/{version}/site/index.html"),
        "title": f"{title.en} / {title.cy} {version}",
        **_content(lines),
        "date_published": manifest["released_at"],
        "tags": [manifest["level"], *counts],
        "_council_benchmarks": {
            "product": product,
            "version": version,
            "level": manifest["level"],
            "reason": manifest["reason"],
            "changes": f"{product}/{version}/changes.csv",
            "n_changes": manifest["n_changes"],
            "n_knock_on": manifest["n_knock_on"],
            "changes_by_class": counts,
        },
    }


def notice_item(product: str, title: Words, notice: Notice) -> dict[str, Any]:
    """What the feed says of a notice on a version."""
    said = NOTICE_TITLES[notice.kind]
    heading = Words(
        said.en.format(title=title.en, version=notice.version),
        said.cy.format(title=title.cy, version=notice.version),
    )
    return {
        **_identity(
            f"{product}:{notice.version}:{notice.kind.replace(' ', '-')}:{notice.at}",
            f"{product}/{notice.version}/site/index.html",
        ),
        "title": f"{heading.en} / {heading.cy}",
        **_content([notice.words]),
        "date_published": notice.at,
        "tags": ["notice", notice.kind],
        "_council_benchmarks": {
            "product": product,
            "version": notice.version,
            "notice": notice.kind,
            "reason": {"en": notice.reason_en, "cy": notice.reason_cy},
        },
    }


def _identity(name: str, url: str) -> dict[str, str]:
    return {"id": f"urn:council-benchmarks:{name}", "url": url}


def _content(lines: list[Words]) -> dict[str, str]:
    """The same words as text and as marked-up paragraphs, English and then Welsh."""
    parts = [(language, [line[language] for line in lines]) for language in ("en", "cy")]
    marked = [
        f'<div lang="{language}">' + "".join(f"<p>{escape(line)}</p>" for line in said) + "</div>"
        for language, said in parts
    ]
    return {
        "content_text": " / ".join(". ".join(said) for _, said in parts),
        "content_html": "".join(marked),
    }
