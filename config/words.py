"""The same words in both languages of the product."""

from dataclasses import dataclass

from config.reading import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in English and Spanish."""

    en: str
    es: str

    def said(self, language: str) -> str:
        """The text in this language; English where the language is not one of ours."""
        return self.es if language == "es" else self.en


def words(table: Table, stem: str = "") -> Words:
    """Read `<stem>_en` and `<stem>_es`, or plain `en` and `es`."""
    before = f"{stem}_" if stem else ""
    return Words(en=table.text(f"{before}en"), es=table.text(f"{before}es"))
