"""Opening and closing the wall display to a screen that nobody signs in on."""

import hashlib
import secrets
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orgchart.audit import record
from orgchart.errors import DomainError
from orgchart.models import Person, Unit
from portal.models import WallLink

MOST_LINKS = 20


class TooManyLinks(DomainError):
    """A district needs a handful of screens; forgotten links are a risk."""


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_wall_link(*, district: Unit, name: str, by: Person, at: datetime) -> str:
    """Make a link and return its token, which is shown once and never stored."""
    Unit.objects.select_for_update().get(pk=district.pk)
    if WallLink.objects.filter(district=district, revoked_at=None).count() >= MOST_LINKS:
        raise TooManyLinks(
            _("%(count)s screens have a link already: revoke one that is no longer used.")
            % {"count": MOST_LINKS}
        )
    token = secrets.token_urlsafe(32)
    link = WallLink.objects.create(
        district=district, name=name, digest=digest_of(token), created_by=by, created_at=at
    )
    record(
        by=by,
        at=at,
        action="wall_link.create",
        subject=f"wall/{link.pk}",
        district=district,
        changes=[{"key": {"field": "name"}, "before": None, "after": name}],
    )
    return token


@transaction.atomic
def revoke_wall_link(*, link: WallLink, by: Person, at: datetime) -> None:
    """End a link: its screens go dark at their next refresh. Once revoked it stays so."""
    locked = WallLink.objects.select_for_update().get(pk=link.pk)
    if locked.revoked_at is not None:
        return
    locked.revoked_at, locked.revoked_by = at, by
    locked.save(update_fields=["revoked_at", "revoked_by"])
    record(
        by=by,
        at=at,
        action="wall_link.revoke",
        subject=f"wall/{link.pk}",
        district=locked.district,
        changes=[{"key": {"field": "name"}, "before": locked.name, "after": None}],
    )


def note_use(*, link: WallLink, on: date) -> None:
    """Remember the day a link was last used; at most one write a day."""
    if link.used_on != on:
        WallLink.objects.filter(pk=link.pk).update(used_on=on)
