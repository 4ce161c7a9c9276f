"""What an uploaded receipt really is, by its content; photos are drawn anew without metadata."""

import hashlib
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from orgchart.errors import Fault, Invalid
from orgchart.photos import NotAPhoto, redrawn
from subsidies.models import ReceiptKind

LARGEST_FILE = 8 * 1024 * 1024
# A file that is also something else, or does something when opened.
_ZIP_END, _TAIL = b"PK\x05\x06", 65_557
_ACTIVE = (
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/EmbeddedFile",
    b"/RichMedia",
    b"<script",
    b"<html",
)


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A receipt fit to be kept; `digest` is the SHA-256 of the file as uploaded."""

    kind: str
    content: bytes
    digest: str


def read_receipt(file: IO[bytes]) -> ReceiptFile:
    """Return the receipt in an upload: a JPEG (re-encoded, upright, no metadata) or a PDF.

    Raises Invalid at /receipt: too large, another kind whatever its name says, broken, too many
    pixels (refused from the header, before anything is unpacked), a PDF that is also another
    kind of file or carries scripts or files.
    """
    raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise _refused(_("The file is larger than 8 MB. Photograph it with a lower resolution."))
    digest = hashlib.sha256(raw).hexdigest()
    if raw.startswith(b"%PDF-"):
        _demand_plain_pdf(raw)
        return ReceiptFile(ReceiptKind.PDF, raw, digest)
    return ReceiptFile(ReceiptKind.JPEG, _redrawn(raw), digest)


def _redrawn(raw: bytes) -> bytes:
    try:
        return redrawn(raw)
    except NotAPhoto as error:
        raise _refused(str(error) or _unknown()) from None


def _demand_plain_pdf(raw: bytes) -> None:
    end = raw.rfind(b"%%EOF")
    if end < 0 or raw[end + 5 :].strip(b"\r\n\x00 \t"):
        raise _refused(_("The PDF is incomplete, or something follows its end."))
    if _ZIP_END in raw[-_TAIL:] or any(mark in raw for mark in _ACTIVE):
        raise _refused(_("The PDF carries a script or another file. Print it as a plain PDF."))


def _unknown() -> str:
    return _("This is no JPEG, PNG or PDF. Photograph the receipt, or save it as PDF.")


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, [Fault("/receipt", sentence)])
