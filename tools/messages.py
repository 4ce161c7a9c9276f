"""Check the Chinese catalogues against the sources and build what Django loads.

    python -m tools.messages build         locale/zh_Hans/LC_MESSAGES/{django,djangojs}.mo
    python -m tools.messages check         fail on what is missing, obsolete or ill-formed
    python -m tools.messages extract       every msgid with where it is used
    python -m tools.messages missing APP   .po entries to fill in for one app ("shell": no app)

There is one .po file per app; the texts of scripts are in the folder js beside them.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polib

from tools.bootstrap import ROOT

if TYPE_CHECKING:
    from tools.message_sources import Message, Use

FOLDER = Path("locale/zh_Hans/LC_MESSAGES")
CATALOGUES = {"django": FOLDER, "djangojs": FOLDER / "js"}
METADATA = {
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "zh_Hans",
    "Plural-Forms": "nplurals=1; plural=0;",
}
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# STYLE: beside Han characters punctuation is full-width.
HALF_WIDTH = re.compile(f"[{HAN}][,;:?!]|[,;:?!][{HAN}]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[\d.]*[a-z]|(?<!%)%[sd]|\{\w*\}")

Key = tuple[str | None, str, str | None]


@dataclass(frozen=True, slots=True)
class Translation:
    """One entry of one .po file."""

    domain: str
    path: str
    entry: polib.POEntry

    @property
    def key(self) -> Key:
        return (self.entry.msgctxt, self.entry.msgid, self.entry.msgid_plural or None)

    @property
    def texts(self) -> list[str]:
        """The Chinese texts; Chinese has one plural form, so at most one when complete."""
        return list(self.entry.msgstr_plural.values()) or [self.entry.msgstr]

    @property
    def is_complete(self) -> bool:
        return not self.entry.fuzzy and all(self.texts)


def translations(root: Path = ROOT) -> list[Translation]:
    """Return the entries of all catalogue files, obsolete ones too."""
    return [
        Translation(domain, str(path.relative_to(root)), entry)
        for domain, folder in CATALOGUES.items()
        for path in sorted((root / folder).glob("*.po"))
        for entry in polib.pofile(str(path), wrapwidth=100, check_for_duplicates=True)
    ]


def problems(used: Iterable["Use"], translated: Iterable[Translation]) -> Iterator[str]:
    """Yield one sentence per fault of the catalogues."""
    known: dict[tuple[str, Key], list[Translation]] = defaultdict(list)
    asked: dict[tuple[str, Key], Use] = {}
    for use in used:
        asked.setdefault((use.domain, _key(use.message)), use)
    for translation in translated:
        if translation.entry.obsolete:
            yield f"{translation.path}: obsolete: {translation.entry.msgid!r}"
        else:
            known[translation.domain, translation.key].append(translation)

    for place, use in asked.items():
        if "%%(" in use.message.msgid:
            yield f"{use.path}:{use.line}: write {{{{ name }}}}, not %(name)s, in blocktranslate"
        if not any(translation.is_complete for translation in known[place]):
            yield f"{use.path}:{use.line}: no Chinese: {use.message.msgid!r}"
    for place, same in known.items():
        if same and place not in asked:
            yield f"{same[0].path}: used nowhere: {same[0].entry.msgid!r}"
        if len({tuple(translation.texts) for translation in same}) > 1:
            files = ", ".join(translation.path for translation in same)
            yield f"{files}: translated differently: {same[0].entry.msgid!r}"
        for translation in same:
            yield from _faults(translation)


def _faults(translation: Translation) -> Iterator[str]:
    entry, path = translation.entry, translation.path
    expected = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural)
    for text in filter(None, translation.texts):
        if _placeholders(text) != expected:
            yield f"{path}: placeholders differ: {entry.msgid!r} → {text!r}"
        if HALF_WIDTH.search(text):
            yield f"{path}: half-width punctuation beside Han: {text!r}"


def half_width_in_templates(root: Path = ROOT) -> Iterator[str]:
    """Yield one sentence per template line with half-width punctuation beside Han."""
    for path in sorted(root.glob("templates/**/*.html")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if HALF_WIDTH.search(line):
                place = f"{path.relative_to(root)}:{number}"
                yield f"{place}: half-width punctuation beside Han: {line.strip()!r}"


def _placeholders(text: str) -> set[str]:
    return {match.group() for match in PLACEHOLDER.finditer(text or "")}


def _key(message: "Message") -> Key:
    return (message.context, message.msgid, message.plural)


def build(root: Path = ROOT) -> None:
    """Merge the files of each domain into the binary catalogue that Django loads."""
    entries = translations(root)
    for domain in CATALOGUES:
        merged = polib.POFile()
        merged.metadata = METADATA
        for translation in entries:
            if translation.domain == domain and translation.is_complete:
                merged.append(translation.entry)
        target = root / FOLDER / f"{domain}.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        content = merged.to_binary()
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)


def missing(app: str, used: Iterable["Use"], translated: Iterable[Translation]) -> str:
    """Return the .po entries that an app's sources ask for and no file completes."""
    complete = {(each.domain, each.key) for each in translated if each.is_complete}
    places: dict[tuple[str, Key], list[Use]] = defaultdict(list)
    for use in used:
        if use.app == app and (use.domain, _key(use.message)) not in complete:
            places[use.domain, _key(use.message)].append(use)

    blocks = []
    for domain, folder in CATALOGUES.items():
        entries = [
            polib.POEntry(
                msgctxt=context,
                msgid=msgid,
                msgid_plural=plural or "",
                msgstr_plural={0: ""} if plural else {},
                occurrences=sorted({(use.path, "") for use in uses}),
            )
            for (place, (context, msgid, plural)), uses in places.items()
            if place == domain
        ]
        if entries:
            title = f"# to {folder / app}.po\n"
            blocks.append(title + "\n".join(entry.__unicode__(100) for entry in entries))
    return "\n".join(blocks)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check and build the message catalogues.")
    parser.add_argument("action", choices=["build", "check", "extract", "missing"])
    parser.add_argument("app", nargs="?")
    options = parser.parse_args(arguments)
    if options.action == "build":
        build()
        return 0

    # Only here: the extractor is a test tool, and a demo is built without those.
    from tools.message_sources import uses

    used = uses()
    if options.action == "extract":
        for use in used:
            print(f"{use.path}:{use.line}: {use.domain}: {use.message.msgid!r}")
        return 0
    if options.action == "missing":
        if not options.app:
            parser.error("missing needs the name of an app")
        print(missing(options.app, used, translations()))
        return 0
    found = sorted({*problems(used, translations()), *half_width_in_templates()})
    for sentence in found:
        print(sentence)
    if found:
        print(f"{len(found)} problems in the message catalogues.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
