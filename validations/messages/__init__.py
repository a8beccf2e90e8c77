"""The one message catalogue: what every finding says, in English and Welsh, as data.

Here belongs reading en.yaml and cy.yaml. Every code has `what` (what was seen) and `remedy` (what
to do), a few a second wording of `what`, or a `remedy_published` for files that no council sent and
we must take up with their publisher; `words` are those that a place or a page is made of. A
remedy may use only {seen} and {expected}, the columns of a finding, so that it can be written
again from the finding alone.
"""

import re
import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Lang = Literal["en", "cy"]
LANGS: tuple[Lang, ...] = ("en", "cy")
PUBLISHED = "remedy_published"


class MessageError(LookupError):
    """A message is wanted that the catalogue does not have."""


@cache
def catalogue(lang: Lang) -> dict[str, dict[str, str]]:
    """The whole catalogue of a language: code -> {what, remedy}, and `words`."""
    text = (Path(__file__).parent / f"{lang}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, dict[str, str]] = yaml.load(text, Loader=loader)  # noqa: S506 safe loaders only
    return found


def has_message(code: str) -> bool:
    """Whether a code has its message, what and remedy, in both languages."""
    return all({"what", "remedy"} <= catalogue(lang).get(code, {}).keys() for lang in LANGS)


def word(key: str, lang: Lang) -> str:
    """One of the words that places and pages are made of."""
    try:
        return catalogue(lang)["words"][key]
    except KeyError as error:
        raise MessageError(f"messages/{lang}.yaml has no word {key!r}") from error


def what(code: str, lang: Lang, values: Mapping[str, object], wording: str = "what") -> str:
    """What was seen, with the values filled in; `wording` names another sentence of the code."""
    return _fill(code, wording, lang, values)


def remedy(
    code: str, lang: Lang, values: Mapping[str, object], *, is_published: bool = False
) -> str:
    """What to do about it, with seen and expected filled in.

    is_published: the file is a publisher's, so that the words are for us, where the code has such.
    """
    has_own = is_published and PUBLISHED in catalogue(lang).get(code, {})
    return _fill(code, PUBLISHED if has_own else "remedy", lang, values)


def remedy_at_end(text: str, code: str, lang: Lang) -> str | None:
    """The remedy a message ends with, whatever its placeholders were filled with; None if none."""
    for part in (PUBLISHED, "remedy"):
        parts = string.Formatter().parse(catalogue(lang)[code].get(part, ""))
        form = "".join(re.escape(literal) + (".*" if name else "") for literal, name, *_ in parts)
        found = re.search(rf" ({form})\Z", text) if form else None
        if found:
            return found[1]
    return None


def placeholders(template: str) -> set[str]:
    """The names in braces of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _fill(code: str, part: str, lang: Lang, values: Mapping[str, object]) -> str:
    try:
        return catalogue(lang)[code][part].format_map(values)
    except KeyError as error:
        raise MessageError(f"messages/{lang}.yaml: {code}.{part} lacks {error}") from error
