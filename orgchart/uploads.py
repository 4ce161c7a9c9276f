"""Uploaded workbooks: refused before parsing when parsing would be dear or dangerous."""

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from orgchart.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_UNZIPPED = 20 * 1024 * 1024
MOST_ENTRIES = 200
MOST_ROWS = 50_000
MOST_COLUMNS = 100
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")


class NotAWorkbook(Invalid):
    """The file cannot be read at all, or is larger than a workbook can be."""


def check_container(content: bytes) -> None:
    """Refuse what would be dear to parse before parsing it."""
    if len(content) > MOST_BYTES:
        raise NotAWorkbook(_("The file is larger than 5 MB."))
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > MOST_UNZIPPED:
                raise NotAWorkbook(_("The file unpacks to more than a workbook can hold."))
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _check_part(archive.read(entry))
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise NotAWorkbook(_("This file is not an Excel workbook (.xlsx).")) from None


def _check_part(xml: bytes) -> None:
    """Refuse entities, other encodings, and cells far outside: they unfold to a huge table."""
    if len(xml) > MOST_UNZIPPED or b"\x00" in xml or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise NotAWorkbook(_("This file is not an Excel workbook (.xlsx)."))
    for match in _CELL.finditer(xml):
        letters, number = match[1], int(match[2])
        if number > MOST_ROWS or _column_number(letters) > MOST_COLUMNS:
            raise NotAWorkbook(
                _("There is a cell far outside the table (%(cell)s); delete it.")
                % {"cell": f"{letters.decode()}{number}"}
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
