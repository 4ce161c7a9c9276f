"""Photos of activities: read, drawn anew, each kept once."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _

from fieldwork.models import Activity, ActivityPhoto
from orgchart.errors import Fault, Invalid
from orgchart.models import Person
from orgchart.photos import NotAPhoto, redrawn

MOST_PHOTOS = 6
LARGEST_PHOTO = 8 * 1024 * 1024
PHOTO_SIDE = 1600


def read_photos(files: Sequence[IO[bytes]]) -> dict[str, bytes]:
    """Return the uploads as {digest: picture drawn anew}. Raises Invalid at /photo."""
    if len(files) > MOST_PHOTOS:
        raise _refused(_("At most %(count)s photos.") % {"count": MOST_PHOTOS})
    return dict(_photo(file) for file in files)


def keep_photos(row: Activity, photos: Mapping[str, bytes], *, by: Person, at: datetime) -> None:
    """Add photos to an activity; one that it has already is not added again."""
    known = set(row.photos.values_list("digest", flat=True))
    added = {digest: content for digest, content in photos.items() if digest not in known}
    if len(known) + len(added) > MOST_PHOTOS:
        raise _refused(_("At most %(count)s photos.") % {"count": MOST_PHOTOS})
    for digest, content in added.items():
        ActivityPhoto.objects.create(
            activity=row, token=secrets.token_urlsafe(24), digest=digest, content=content,
            added_by=by, added_at=at,
        )  # fmt: skip


def _photo(file: IO[bytes]) -> tuple[str, bytes]:
    """Return the digest of an upload and its picture drawn anew."""
    raw = file.read(LARGEST_PHOTO + 1)
    sentence = _("This is no JPEG or PNG photo of at most 8 MB.")
    if len(raw) > LARGEST_PHOTO:
        raise _refused(sentence)
    try:
        return hashlib.sha256(raw).hexdigest(), redrawn(raw, longest=PHOTO_SIDE)
    except NotAPhoto as error:
        raise _refused(str(error) or sentence) from None


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, [Fault("/photo", sentence)])
