"""What columns, tables and coded words are called in files for people: terms.yaml, looked up.

Here belongs the look-up alone. A term that is not listed is shown as its code, in both languages.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from assets.publishing.words import Words

Section = Literal["columns", "tables", "breakdowns", "note_codes", "words"]


@cache
def terms(section: Section) -> dict[str, Words]:
    """Every term of a section: code -> words."""
    text = files("assets.publishing").joinpath("terms.yaml").read_text(encoding="utf-8")
    listed = yaml.safe_load(text)[section]
    return {code: Words(english, welsh) for code, (english, welsh) in listed.items()}


def term(section: Section, code: str) -> Words:
    """What a code is called; the code itself, without underscores, where it is not listed."""
    plain = code.replace("_", " ")
    return terms(section).get(code, Words(plain, plain))


def breakdown_code(breakdown_type: str, breakdown: str) -> str:
    """One code for a breakdown and its category: total, or type:category."""
    return breakdown if breakdown_type == "total" else f"{breakdown_type}:{breakdown}"


def breakdown_words(code: str) -> Words:
    """What a breakdown code is called: its own words, else those of its type and the category."""
    listed = terms("breakdowns")
    if code in listed:
        return listed[code]
    kind, _, category = code.partition(":")
    named = term("breakdowns", kind)
    plain = category.replace("_", " ")
    return Words(f"{named.en}: {plain}", f"{named.cy}: {plain}")
