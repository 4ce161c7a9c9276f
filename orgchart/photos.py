"""Photos that people upload: drawn anew, upright, without metadata."""

import io

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000  # a phone's 48-megapixel photo
LONGEST_SIDE = 2000  # enough to read a receipt, a tenth of what phones make
_QUALITY = 82
_PHOTOS = {"JPEG", "MPO", "PNG"}  # MPO: how some phones wrap a JPEG


class NotAPhoto(ValueError):
    """The upload is no photo that can be kept; the message is for the person, "" if unknown."""


def redrawn(raw: bytes, *, longest: int = LONGEST_SIDE) -> bytes:
    """Return a JPEG of the pixels alone, no side longer than `longest`.

    Raises NotAPhoto: broken, another kind, or too many pixels (read from the header, before
    anything is unpacked).
    """
    try:
        picture = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "MPO"))
        if picture.format not in _PHOTOS:
            raise NotAPhoto
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise NotAPhoto(
                _("The photo has %(count)s megapixels; at most 50 are read.")
                % {"count": width * height // 1_000_000}
            )
        picture.draft("RGB", (longest, longest))  # decodes a large JPEG small
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except NotAPhoto:
        raise
    except Image.DecompressionBombError:
        raise NotAPhoto(_("The photo has too many pixels; at most 50 million are read.")) from None
    except Exception:  # Pillow raises whatever a broken file makes it raise
        raise NotAPhoto from None
    upright.thumbnail((longest, longest))
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)  # a new picture: pixels only
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
