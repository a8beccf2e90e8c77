"""After a crash: what was left half done is finished or cleared by the next holder of the lock.

Here belongs what is made right from the pointers and the numbers taken. A pointer that was swapped
is carried out (what it withdraws is withdrawn); whatever came before the swap is undone.
"""

import logging
import shutil
from typing import TYPE_CHECKING

from assets.publishing.claims import PUBLISHED
from assets.publishing.keys import KEYS
from assets.publishing.pointer import POINTER, Standing, read_standing
from assets.publishing.public import TOMBSTONE
from assets.publishing.released import figures_sha256, in_contract, load_supplied_tables
from assets.publishing.signed import MANIFEST
from assets.publishing.verify import verify

if TYPE_CHECKING:
    from assets.publishing.store import ReleaseStore

_log = logging.getLogger(__name__)
LEFTOVERS = ("stage-*", "trash-*")


def recover(store: "ReleaseStore") -> None:
    """Clear half-written packages, give back numbers never pointed to, carry out the pointers."""
    for leftover in [path for pattern in LEFTOVERS for path in store.private.glob(pattern)]:
        shutil.rmtree(leftover)
    for leftover in store.private.glob("swap-*"):
        leftover.unlink()
    for product in store.claims.products():
        for version in list(store.unfinished(product)):
            store.public.move_out(product, version)
            store.claims.forget(product, version)
        _settle(store, product)
        _repair_pointer(store, product)
        follow_notices(store, product)
    if any(path.parent.name != KEYS for path in store.root.glob(f"*/{POINTER}")):
        store.public.refresh()


def follow_notices(store: "ReleaseStore", product: str) -> None:
    """Do to the versions what the notices of the product say; what is done already stays."""
    standing = store.standing(product)
    last = {notice.version: notice for notice in standing.notices}
    for version, notice in last.items():
        folder = store.root / product / version
        facts = store.claims.facts(product, version)
        if facts.get("notice") != notice.__dict__ or "figures_sha256" not in facts:
            store.claims.remark(product, notice, _figures(store, product, version))
        is_done = not (folder / MANIFEST).exists() and (folder / TOMBSTONE).exists()
        if notice.kind == "removed" and not is_done:
            store.public.bury(product, notice)


def _figures(store: "ReleaseStore", product: str, version: str) -> str | None:
    """Hash of the figures of a version, as long as they can be read."""
    folder = store.root / product / version
    if not (folder / MANIFEST).exists():
        return None
    return figures_sha256(in_contract(load_supplied_tables(folder)).indicator_values)


def rebuilt(store: "ReleaseStore", product: str) -> Standing:
    """The standing of a product whose pointer is lost or damaged, from the numbers taken."""
    notices = store.claims.notices(product)
    spoilt = {notice.version for notice in notices if notice.kind != "restored"}
    for version in reversed(store.claims.versions(product, PUBLISHED)):
        folder = store.root / product / version
        may_stand = version not in spoilt and (folder / MANIFEST).exists()
        if may_stand and not verify(folder, alone=True):
            return Standing(product, store.pointer_to(product, version), notices)
    return Standing(product, None, notices)


def _repair_pointer(store: "ReleaseStore", product: str) -> None:
    """Write a lost or damaged pointer anew."""
    standing = store.standing(product)
    if standing.pointer is None and not standing.notices:
        return
    if read_standing(store.root / product / POINTER) is None:
        found = standing.pointer.version if standing.pointer else "none"
        _log.warning("the pointer of %s was lost: the current version is %s", product, found)
        store.public.point(standing)


def _settle(store: "ReleaseStore", product: str) -> None:
    """The current version was published, whatever its claim had time to say."""
    pointer = store.current(product)
    if pointer is not None and store.claims.path(product, pointer.version).exists():
        store.claims.settle(product, pointer.version)
