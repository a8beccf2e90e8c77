"""Which store of releases an installation opens: the real one with its key, or the rehearsal's.

Here belongs the one place where the signing key is read; in a rehearsal it is never looked at.
"""

from assets.publishing.rehearsal import RehearsalStore
from assets.publishing.signing import read_secret_key
from assets.publishing.store import ReleaseStore
from pipelines.settings import Settings
from sql.home import Home


def open_releases(chosen: Settings, home: Home, *, rehearse: bool = False) -> ReleaseStore:
    """The store to publish with; SigningError if the key of the settings cannot be used."""
    if rehearse or chosen.rehearsal:
        return RehearsalStore(home.releases, home.rehearsal)
    given = chosen.signing_key
    signer = read_secret_key(given.get_secret_value()) if given else None
    return ReleaseStore(home.releases, home.staging, signer=signer)
