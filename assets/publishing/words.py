"""Words that publishing says, in English and Welsh: reasons, levels, decisions, notes.

Here belongs every sentence of a changelog, a version or a decision; pages have their own templates.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The same sentence in English and Welsh."""

    en: str
    cy: str

    def fill(self, **parts: object) -> "Words":
        """The sentence with its {parts} filled in."""
        return Words(self.en.format(**parts), self.cy.format(**parts))

    def __getitem__(self, language: str) -> str:
        """The sentence in one language, en or cy."""
        return {"en": self.en, "cy": self.cy}[language]


CHANGE_REASONS = {
    "new": Words("New figure", "Ffigur newydd"),
    "late data": Words(
        "Figure received after the last release",
        "Ffigur a ddaeth i law ar ôl y cyhoeddiad diwethaf",
    ),
    "removed": Words("No longer published", "Heb ei gyhoeddi mwyach"),
    "planned revision": Words(
        "Planned revision by the source", "Diwygiad wedi'i gynllunio gan y ffynhonnell"
    ),
    "correction": Words("Corrected by the source", "Cywirwyd gan y ffynhonnell"),
    "our correction": Words(
        "Corrected by us; the source's figures are unchanged",
        "Cywirwyd gennym ni; nid yw ffigurau'r ffynhonnell wedi newid",
    ),
    "corrected return": Words(
        "Corrected by the council, return {ref}", "Cywirwyd gan y cyngor, ffurflen {ref}"
    ),
    "disclosure": Words(
        "Confidential: the figure is withheld", "Cyfrinachol: mae'r ffigur wedi'i atal"
    ),
}
MOVED = Words(
    "Moved because these areas' figures changed: {areas}",
    "Symudodd oherwydd bod ffigurau'r ardaloedd hyn wedi newid: {areas}",
)
MOVED_ITSELF = Words(
    "Moved without a changed figure: the group or the method changed",
    "Symudodd heb ffigur wedi newid: newidiodd y grŵp neu'r dull",
)
CONFIDENTIAL_FINDING = Words(
    "A finding about a confidential figure; its text is with the council.",
    "Canfyddiad am ffigur cyfrinachol; mae'r testun gyda'r cyngor.",
)
UNSIGNED = Words(
    "This release is not signed: its hashes show damage, not who made it.",
    "Nid yw'r cyhoeddiad hwn wedi'i lofnodi: mae'r gwerthoedd stwnsh yn dangos difrod, nid pwy a'i"
    " gwnaeth.",
)
NOT_OFFICIAL = Words(
    "Not official statistics; derived by council-benchmarks from figures of {publishers}.",
    "Nid ystadegau swyddogol; deilliwyd gan council-benchmarks o ffigurau {publishers}.",
)
LICENCE = Words(
    "Contains public sector information licensed under the Open Government Licence v3.0.",
    "Yn cynnwys gwybodaeth sector cyhoeddus a drwyddedwyd dan Drwydded Llywodraeth Agored v3.0.",
)
ESCAPED = Words(
    "In the CSV files one apostrophe stands before a text that a spreadsheet would run as a formula"
    " and before a text that begins with an apostrophe: take one leading apostrophe away to restore"
    " it.",
    "Yn y ffeiliau CSV saif un collnod o flaen testun y byddai taenlen yn ei redeg fel fformiwla"
    " ac o flaen testun sy'n dechrau â chollnod: tynnwch un collnod o'r dechrau i'w adfer.",
)
SAMPLE = Words(
    "Made from the bundled sample, not from a live collection.",
    "Gwnaed o'r sampl sydd yn y pecyn, nid o gasgliad byw.",
)
DRAFT = Words(
    "The Welsh texts are drafts that await approval.",
    "Drafftiau sy'n aros am gymeradwyaeth yw'r testunau Cymraeg.",
)
