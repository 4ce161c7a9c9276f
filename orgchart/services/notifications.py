"""Telling people something, once, and noting that they have read it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from orgchart.models import Notification, Person


def in_both(say: Callable[[], str]) -> tuple[str, str]:
    """Return a translated sentence in Chinese and in English: `in_both(lambda: _("…"))`."""
    with override(settings.LANGUAGE_CODE):
        zh = say()
    with override("en"):
        return zh, say()


@transaction.atomic
def notify(people: Iterable[Person], *, zh: str, en: str, url: str, key: str, at: datetime) -> None:
    """Tell people a sentence with a local address; who was told the key before hears nothing.

    Call it inside the transaction of what it tells about. Long sentences are cut at 400 characters.
    """
    told = {person.pk: person for person in people}
    Notification.objects.bulk_create(
        [
            Notification(person=person, key=key, text_zh=zh[:400], text_en=en[:400], url=url, at=at)
            for _pk, person in sorted(told.items())
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def mark_read(*, by: Person, at: datetime, pk: int | None = None) -> None:
    """Note that a person has read one notification, or all of them."""
    mine = Notification.objects.filter(person=by, read_at__isnull=True)
    (mine if pk is None else mine.filter(pk=pk)).update(read_at=at)
