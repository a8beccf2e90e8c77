"""Signatures: minisign's own format, keys that are replaced, a release that must be signed."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from assets.publishing.candidates import CandidateStore
from assets.publishing.keyholding import replace_key
from assets.publishing.keys import KeyRing
from assets.publishing.publish import publish_candidate
from assets.publishing.released import load_manifest
from assets.publishing.signing import (
    PublicKey,
    SecretKey,
    SignatureError,
    SigningError,
    check,
    make_key,
    read_secret_key,
    sign,
)
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import notes, verify
from pipelines.cli import cli
from tests.release.deeds import KEY, candidate_with
from tests.release.sample import NOW, PRODUCT, make_candidate, night_of, small_figures
from tests.soak.tamper import CHECK, DEEDS, PARTS, check_without_us, signed_home

Require = Callable[[bool, str], None]
HAS_MINISIGN = bool(shutil.which("minisign"))
GET_MINISIGN = "minisign is missing: apt-get install minisign"


@pytest.fixture
def signed(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "releases", signer=KEY)


def publish(store: ReleaseStore, candidates: Path, number: int, **given: object) -> Path:
    kept = CandidateStore(candidates)
    kept.save(candidate_with(500.0 + number, **given))
    outcome = publish_candidate(kept, store, PRODUCT, NOW + timedelta(days=number))
    assert outcome.decision.action == "publish", outcome.decision.reason_en
    assert outcome.path is not None
    return outcome.path


def test_minisign_verifies_what_is_signed_here(tmp_path: Path, require: Require) -> None:
    require(HAS_MINISIGN, GET_MINISIGN)
    (tmp_path / "manifest.json").write_bytes(b"{}\n")
    (tmp_path / "manifest.json.minisig").write_bytes(sign(KEY, b"{}\n", "inflation 1.0.0"))
    (tmp_path / "key.pub").write_bytes(KEY.public.file)
    for how in (["-P", KEY.public.text], ["-p", "key.pub"]):
        command = ["minisign", "-VQm", "manifest.json", *how]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "inflation 1.0.0\n")


def test_what_minisign_signs_is_verified_here(tmp_path: Path, require: Require) -> None:
    require(HAS_MINISIGN, GET_MINISIGN)

    def minisign(*given: str) -> None:
        subprocess.run(["minisign", *given], cwd=tmp_path, check=True, capture_output=True)

    minisign("-G", "-W", "-p", "k.pub", "-s", "k.sec")
    (tmp_path / "file").write_bytes(b"figures")
    minisign("-S", "-m", "file", "-s", "k.sec", "-t", "of today")
    public = PublicKey.parse((tmp_path / "k.pub").read_text())
    signature = (tmp_path / "file.minisig").read_bytes()
    assert check(public, b"figures", signature) == "of today"
    secret = read_secret_key(str(tmp_path / "k.sec"))
    assert secret.public == public
    assert sign(secret, b"figures", "of today") == signature
    assert secret.file.splitlines()[1] == (tmp_path / "k.sec").read_bytes().splitlines()[1]


def test_every_changed_bit_of_a_signature_is_found() -> None:
    signature = sign(KEY, b"figures", "of today")
    for place in range(len(signature)):
        for bit in range(8):
            changed = bytearray(signature)
            changed[place] ^= 1 << bit
            with pytest.raises(SignatureError):
                check(KEY.public, b"figures", bytes(changed))
    with pytest.raises(SignatureError, match="not over these bytes"):
        check(KEY.public, b"figurez", signature)
    with pytest.raises(SignatureError, match="not by the key"):
        check(make_key().public, b"figures", signature)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "neither a minisign secret key"),
        ("", "neither a minisign secret key"),
        (KEY.public.file.decode(), "neither a minisign secret key"),
        (KEY.file.decode()[:-30] + "A" * 29 + "\n", "neither|damaged"),
    ],
)
def test_an_unusable_key_is_named_and_never_shown(text: str, said: str) -> None:
    with pytest.raises(SigningError, match=said) as fault:
        read_secret_key(text)
    assert text.strip()[-20:] == "" or text.strip()[-20:] not in str(fault.value)
    assert KEY.seed.hex() not in repr(KEY)


def test_a_key_with_a_password_is_refused_with_the_remedy() -> None:
    import base64

    raw = bytearray(base64.b64decode(KEY.file.splitlines()[1]))
    raw[2:4] = b"Sc"
    with pytest.raises(SigningError, match="minisign -C -W"):
        read_secret_key("untrusted comment: x\n" + base64.b64encode(raw).decode())


def test_a_signed_release_verifies_with_and_without_our_code(
    signed: ReleaseStore, tmp_path: Path, require: Require
) -> None:
    path = publish(signed, tmp_path / "candidates", 0)
    assert verify(path) == []
    assert notes(path) == []
    manifest = load_manifest(path)
    assert manifest["signature"]["key"] == KEY.public.id
    assert (signed.root / "keys" / f"{KEY.public.id}.pub").read_bytes() == KEY.public.file
    assert verify(path, pinned=KEY.public) == []
    assert "not by the key" in verify(path, pinned=make_key().public)[0]
    require(HAS_MINISIGN, GET_MINISIGN)
    assert check_without_us(path, "1.0.0", KEY)
    assert not check_without_us(path, "1.0.1", KEY)


def test_a_signed_release_alone_needs_the_publishers_key(
    signed: ReleaseStore, tmp_path: Path
) -> None:
    path = publish(signed, tmp_path / "candidates", 0)
    copy = tmp_path / "elsewhere" / "by mail" / "copy"
    shutil.copytree(path, copy)
    assert "--public-key" in verify(copy)[0]
    assert verify(copy, pinned=KEY.public) == []


def test_a_replaced_key_vouches_for_its_time_only(signed: ReleaseStore, tmp_path: Path) -> None:
    first = publish(signed, tmp_path / "candidates", 0)
    new = ReleaseStore(signed.root, signer=make_key())
    candidates = CandidateStore(tmp_path / "candidates")
    candidates.save(candidate_with(501.0))
    early = publish_candidate(candidates, new, PRODUCT, NOW + timedelta(days=1))
    assert "keys --replace" in early.decision.reason_en
    replace_key(new, NOW + timedelta(hours=20))
    second = publish(new, tmp_path / "candidates", 1)
    assert verify(first) == verify(second) == []
    candidates.save(candidate_with(502.0))
    late = publish_candidate(candidates, signed, PRODUCT, NOW + timedelta(days=2))
    assert late.decision.action == "blocked"
    assert "was replaced by" in late.decision.reason_en
    with pytest.raises(SigningError, match="was replaced, for good"):
        replace_key(signed, NOW + timedelta(days=3))
    assert [key.active_until is None for key in KeyRing.load(signed.root).keys] == [False, True]


def test_where_releases_are_signed_none_is_unsigned(signed: ReleaseStore, tmp_path: Path) -> None:
    publish(signed, tmp_path / "candidates", 0)
    candidates = CandidateStore(tmp_path / "candidates")
    candidates.save(candidate_with(501.0))
    unsigned = ReleaseStore(signed.root)
    outcome = publish_candidate(candidates, unsigned, PRODUCT, NOW)
    assert outcome.decision.action == "blocked"
    assert "COUNCIL_BENCHMARKS_SIGNING_KEY" in outcome.decision.reason_en


def test_the_profile_live_refuses_to_publish_unsigned(tmp_path: Path) -> None:
    candidates, store = CandidateStore(tmp_path / "c"), ReleaseStore(tmp_path / "releases")
    candidate = make_candidate(night_of(small_figures()))
    candidates.save(replace(candidate, origin=replace(candidate.origin, profile="live")))
    refused = publish_candidate(candidates, store, PRODUCT, NOW)
    assert refused.decision.action == "blocked"
    assert "live" in refused.decision.reason_en
    store.signer = KEY
    assert publish_candidate(candidates, store, PRODUCT, NOW).decision.action == "publish"


def test_releases_made_on_one_day_with_one_key_are_the_same_bytes(tmp_path: Path) -> None:
    paths = [
        publish(ReleaseStore(tmp_path / name / "releases", signer=KEY), tmp_path / name / "c", 0)
        for name in ("one", "two")
    ]
    one, two = ((path / "manifest.json.minisig").read_bytes() for path in paths)
    assert one == two


@pytest.mark.parametrize("seed", range(3, 3 + len(DEEDS)))
def test_a_changed_release_is_found(seed: int, require: Require) -> None:
    require(HAS_MINISIGN, GET_MINISIGN)
    assert PARTS[0].case(seed) is None


def test_the_untouched_release_is_good(require: Require) -> None:
    require(HAS_MINISIGN, GET_MINISIGN)
    folder = signed_home() / "releases" / PRODUCT
    assert verify(folder / "1.0.2") == verify(folder / "1.0.1") == verify(folder / "latest") == []
    assert check_without_us(folder / "1.0.2")


def test_the_command_keys_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    done = CliRunner().invoke(cli, ["keys", "--make", str(path)])
    assert done.exit_code == 0, done.output
    key = read_secret_key(str(path))
    assert isinstance(key, SecretKey)
    assert key.public.text in done.output
    assert path.stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(cli, ["keys", "--make", str(path)])
    assert again.exit_code == 2
    assert read_secret_key(str(path)) == key


def test_the_documented_command_is_the_one_that_is_tried() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "releasing.md"
    assert CHECK in page.read_text(encoding="utf-8")
