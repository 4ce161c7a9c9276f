"""What an uploaded receipt really is, by its content; photos are drawn anew without metadata."""

import hashlib
import io
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from orgchart.errors import Fault, Invalid
from subsidies.models import ReceiptKind

LARGEST_FILE = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a phone's 48-megapixel photo
LONGEST_SIDE = 2000  # enough to read a receipt, a tenth of what phones make
_QUALITY = 82
_PHOTOS = {"JPEG", "MPO", "PNG"}  # MPO: how some phones wrap a JPEG
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
        picture = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "MPO"))
        if picture.format not in _PHOTOS:
            raise _refused(_unknown())
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise _refused(
                _("The photo has %(count)s megapixels; at most 50 are read.")
                % {"count": width * height // 1_000_000}
            )
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decodes a large JPEG small
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Invalid:
        raise
    except Image.DecompressionBombError:
        raise _refused(_("The photo has too many pixels; at most 50 million are read.")) from None
    except Exception:  # Pillow raises whatever a broken file makes it raise
        raise _refused(_unknown()) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)  # a new picture: pixels only
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


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
