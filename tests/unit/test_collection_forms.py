"""The council form's keys: the reference, the row's check, the meaning of a status."""

import pytest

from assets.collection.forms import ReturnRef, explanation_of, note_of, row_check


def test_a_reference_says_return_period_council_form_and_issue():
    ref = ReturnRef.parse("AR/2024-25/W06000001/2025.1/s001")
    assert ref == ReturnRef("AR", "2024-25", "W06000001", "2025.1", "s001")
    assert str(ref) == "AR/2024-25/W06000001/2025.1/s001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AR",
        "AR/2024-25/W06000001/2025.1",
        "AR/2024-25/W06000001/2025.1/s001/x",
        "AR/2024-25/Cardiff/2025.1/s001",
        "AR/2024-25/W06000001/2025.1/s001\n",
        " AR/2024-25/W06000001/2025.1/s001",
        "AR/../W06000001/2025.1/s001",
        "=AR/2024-25/W06000001/2025.1/s001",
    ],
)
def test_anything_else_is_no_reference(text):
    assert ReturnRef.parse(text) is None


def test_the_check_of_a_row_worked_by_hand():
    """printf 'AR/2024-25/W06000001/2025.1/s001recyclingvalue' | sha256sum | cut -c1-8"""
    assert row_check("AR/2024-25/W06000001/2025.1/s001", "recycling", "value") == "7c57140e"


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ("actual", None),
        ("", None),
        ("estimate", "e"),
        ("not applicable", "z"),
        ("Unable  to Report ", "x"),
        ("guess", "guess"),
    ],
)
def test_a_status_is_a_note_code_and_an_unknown_word_stands_for_itself(status, note):
    assert note_of(status) == note


@pytest.mark.parametrize(
    ("status", "explanation", "words"),
    [
        ("actual", "New plant opened", "New plant opened"),
        ("actual", "", None),
        ("unable to report", "", "unable to report"),
        ("unable to report", "System down", "unable to report: System down"),
        ("not applicable", " ", "not applicable"),
    ],
)
def test_the_reason_of_a_missing_value_is_kept_in_words(status, explanation, words):
    assert explanation_of(status, explanation) == words
