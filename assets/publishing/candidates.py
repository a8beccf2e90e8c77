"""Candidates of releases: what a night made of each product, kept in private until it is decided.

Here belongs what a candidate holds and where it is kept. A newer candidate replaces a waiting one.
"""

import shutil
import uuid
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assets.publishing.files import json_bytes, read_json, swap_file
from assets.publishing.instants import utc_text
from assets.publishing.policy import (
    Approval,
    ApprovalError,
    ReleasePolicy,
    read_approval,
    read_policy,
)
from assets.publishing.tables import TABLE_NAMES, ProductTables
from assets.publishing.words import Words
from sql.arrow import to_arrow, to_pandas


@dataclass(frozen=True)
class ProductFacts:
    """How a product is called and who answers for it; themes gives the titles of theme ids."""

    id: str
    title: Words
    description: Words
    owner: str
    cy_status: str = "draft"
    wanted: tuple[Words, ...] = ()
    themes: dict[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    """One dataset that went in: its raw bytes by hash and the day its source published it."""

    dataset: str
    sha256s: tuple[str, ...]
    source_published: str | None = None


@dataclass(frozen=True)
class Origin:
    """What the candidate was made from and by: goes into the manifest."""

    profile: str
    inputs: tuple[Input, ...]
    code_version: str
    catalogue_sha256: str
    rules_sha256: str
    methods: dict[str, Any]


@dataclass(frozen=True)
class Quality:
    """What the gate judges by; systemic findings block the product whatever its figures."""

    completeness_pct: float = 100.0
    completeness_floor_pct: float = 0.0
    error_pct: float = 0.0
    max_error_pct: float = 100.0
    systemic: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A product ready to be judged; fingerprints are of the night's frames it was cut from.

    not_before is the instant its policy gives it; approval, once there is one, is what counts.
    """

    product: ProductFacts
    tables: ProductTables
    origin: Origin
    quality: Quality = field(default_factory=Quality)
    fingerprints: dict[str, str] = field(default_factory=dict)
    not_before: datetime | None = None
    policy: ReleasePolicy = field(default_factory=ReleasePolicy)
    approval: Approval | None = None

    @property
    def instant(self) -> datetime | None:
        """When it may go out; None for at once."""
        return self.approval.instant if self.approval else self.not_before


class CandidateStore:
    """Candidates on disk: <root>/<product>/<token>/ and current.json, which names the token."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def save(self, candidate: Candidate) -> Path:
        """Keep a candidate, in the place of an earlier one of its product; returns its folder.

        The instant approved for the earlier one stands; the leave for a MAJOR was for its figures.
        """
        home = self.root / candidate.product.id
        token = uuid.uuid4().hex
        folder = home / token
        folder.mkdir(parents=True, mode=0o700)
        for name, frame in candidate.tables.items():
            pq.write_table(to_arrow(frame, name), folder / f"{name}.parquet")
        facts = asdict(candidate)
        del facts["tables"], facts["approval"]
        (folder / "facts.json").write_bytes(json_bytes(facts))
        approval = self.approval(candidate.product.id)
        kept = replace(approval, allow_major=False) if approval else None
        self._point(candidate.product.id, token, kept)
        self._tidy(home, token)
        return folder

    def load(self, product: str) -> Candidate | None:
        """The current candidate of a product; None if there is none."""
        folder = self._folder(product)
        if folder is None:
            return None
        facts = read_json(folder / "facts.json")
        paths = {name: folder / f"{name}.parquet" for name in TABLE_NAMES}
        frames = {n: to_pandas(pq.read_table(path)) for n, path in paths.items() if path.exists()}
        candidate = _candidate(facts, ProductTables.of(**frames))
        return replace(candidate, approval=self.approval(product))

    def remove(self, product: str) -> None:
        """Forget the candidate of a product; nothing happens if there is none."""
        (self.root / product / "current.json").unlink(missing_ok=True)
        shutil.rmtree(self.root / product, ignore_errors=True)

    def approve(self, product: str, approval: Approval) -> None:
        """Let the candidate wait for its instant; ApprovalError if another was approved before."""
        folder, standing = self._folder(product), self.approval(product)
        if folder is None:
            raise ApprovalError(f"{product} has no candidate to approve: run the night first.")
        if standing and standing.instant != approval.instant:
            raise ApprovalError(
                f"{product} goes out at {utc_text(standing.instant)}, approved on"
                f" {utc_text(standing.approved_at)}: an approved instant is not moved. To give it"
                f" up, use `council-benchmarks publish {product} --cancel`."
            )
        self._point(product, folder.name, approval)

    def approval(self, product: str) -> Approval | None:
        """The instant approved for the candidate of a product."""
        pointer = self.root / product / "current.json"
        return read_approval(read_json(pointer).get("approval")) if pointer.exists() else None

    def waiting(self) -> list[str]:
        """Products whose candidate waits for its instant."""
        return [product for product in self.products() if self.approval(product)]

    def due(self, now: datetime) -> list[str]:
        """Products whose approved instant has come."""
        approvals = {product: self.approval(product) for product in self.products()}
        return [product for product, given in approvals.items() if given and given.instant <= now]

    def products(self) -> list[str]:
        """Products that have a candidate."""
        return sorted(path.parent.name for path in self.root.glob("*/current.json"))

    def _folder(self, product: str) -> Path | None:
        pointer = self.root / product / "current.json"
        return pointer.parent / read_json(pointer)["token"] if pointer.exists() else None

    def _point(self, product: str, token: str, approval: Approval | None) -> None:
        home = self.root / product
        content = json_bytes({"token": token, "approval": approval})
        swap_file(home / "current.json", content, home)

    @staticmethod
    def _tidy(home: Path, token: str) -> None:
        for folder in home.iterdir():
            if folder.is_dir() and folder.name != token:
                shutil.rmtree(folder, ignore_errors=True)


def _words(items: list[dict[str, str]]) -> tuple[Words, ...]:
    return tuple(Words(**item) for item in items)


def _candidate(facts: dict[str, Any], tables: ProductTables) -> Candidate:
    product, origin, quality = facts["product"], facts["origin"], facts["quality"]
    inputs = tuple(Input(**{**i, "sha256s": tuple(i["sha256s"])}) for i in origin["inputs"])
    named = {
        "title": Words(**product["title"]),
        "description": Words(**product["description"]),
        "wanted": _words(product["wanted"]),
        "themes": {name: Words(**title) for name, title in product["themes"].items()},
    }
    instant = facts["not_before"]
    return Candidate(
        product=ProductFacts(**{**product, **named}),
        tables=tables,
        origin=Origin(**{**origin, "inputs": inputs}),
        quality=Quality(**{**quality, "systemic": _words(quality["systemic"])}),
        fingerprints=facts["fingerprints"],
        not_before=datetime.fromisoformat(instant) if instant else None,
        policy=read_policy(facts["policy"]),
    )
