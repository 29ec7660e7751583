"""English is the language of the source, Chinese the language of the reader: nothing is left untranslated."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.core.management import call_command

import innozone

SOURCE = Path(innozone.__file__).parent
KEPT = SOURCE / "portal" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|</?b>")


def key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


@pytest.fixture(scope="module")
def kept() -> polib.POFile:
    return polib.pofile(str(KEPT))


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed on this machine")
def test_every_string_of_the_source_is_translated(kept, settings, tmp_path, monkeypatch):
    # On a copy, since the command writes into the locale folders that it finds.
    source = tmp_path / "innozone"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("browser", "zones", "*.mo", "__pycache__", "static"))
    settings.LOCALE_PATHS = [str(source / "portal" / "locale")]
    monkeypatch.chdir(source)
    call_command("makemessages", locale=["zh_Hans"], no_location=True, no_obsolete=True, verbosity=0)
    asked = {key(entry) for entry in polib.pofile(str(source / KEPT.relative_to(SOURCE)))}
    there = {key(entry) for entry in kept}
    assert not asked - there, f"not in django.po: {sorted(asked - there)}"
    assert not there - asked, f"in django.po, but no longer in the source: {sorted(there - asked)}"


def test_no_translation_is_empty_or_a_guess(kept):
    assert not [entry.msgid for entry in kept if entry.fuzzy or not entry.translated()]


def test_translations_keep_the_places_of_values(kept):
    wrong = [
        entry.msgid
        for entry in kept
        for text in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
        if set(PLACES.findall(text)) != set(PLACES.findall(entry.msgid_plural or entry.msgid))
    ]
    assert not wrong
