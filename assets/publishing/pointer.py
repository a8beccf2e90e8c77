"""What latest.json says of a product: which version is current, and the notices on its versions.

Here belongs the shape of the pointer, the one file whose replacement publishes, withdraws or rolls
back: pointer and notices change in one step or not at all.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from assets.publishing.files import read_json
from assets.publishing.words import Words

POINTER = "latest.json"
NoticeKind = Literal["withdrawn", "removed", "set aside", "restored"]


@dataclass(frozen=True)
class Pointer:
    """The current version, its folder beside the pointer, its manifest's hash."""

    product: str
    version: str
    path: str
    manifest_sha256: str
    released_at: str


@dataclass(frozen=True)
class Notice:
    """What happened to a published version: withdrawn (its files stay), removed (they are gone),

    set aside by a roll-back, or restored after one; `at` is when, reason_* what readers are told.
    """

    kind: NoticeKind
    version: str
    at: str
    released_at: str
    manifest_sha256: str
    reason_en: str
    reason_cy: str

    @property
    def words(self) -> Words:
        """What readers are told, in a sentence."""
        return Words(self.reason_en, self.reason_cy)


@dataclass(frozen=True)
class Standing:
    """A product's pointer (None: no version stands) and the notices on its versions, in order."""

    product: str
    pointer: Pointer | None
    notices: tuple[Notice, ...] = ()

    def in_force(self) -> dict[str, Notice]:
        """Version -> its notice: the last one, unless that says it was restored."""
        last = {notice.version: notice for notice in self.notices}
        return {version: item for version, item in last.items() if item.kind != "restored"}

    def content(self) -> dict[str, Any]:
        """The content of latest.json; the version is null where none stands."""
        facts: dict[str, Any] = dict.fromkeys(Pointer.__dataclass_fields__)
        facts |= asdict(self.pointer) if self.pointer else {"product": self.product}
        return {**facts, "notices": [asdict(notice) for notice in self.notices]}


def read_standing(path: Path) -> Standing | None:
    """What that latest.json says; None if it is absent or damaged, OSError if the disk fails."""
    try:
        told = read_json(path)
        notices = tuple(Notice(**item) for item in told.pop("notices", ()))
        product = told["product"]
        if told["version"] is None:
            return Standing(product, None, notices)
        pointer = Pointer(**told)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None
    is_whole = all(isinstance(value, str) for value in asdict(pointer).values())
    return Standing(product, pointer, notices) if is_whole else None
