"""On the 20th and 24th: who still has a claim to submit, receipts to add, or a balance to use."""

from collections import defaultdict
from datetime import date, datetime
from functools import partial

from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from orgchart.actors import BUSINESS_ZONE, business_day
from orgchart.models import Notification, Person, Role, Tenure, Unit, UnitKind
from orgchart.services.notifications import in_both, notify
from subsidies.models import ClaimState
from subsidies.queries.claims import WRITABLE, claims_of, headrooms

DAYS = (20, 24)
FROM_HOUR = 8  # of the business time zone: nobody is reminded at midnight
WAITING = (ClaimState.SUBMITTED, ClaimState.APPROVED)


def remind_of_claims(*, at: datetime) -> None:
    """Tell everybody concerned once a day of reminders; any number of calls tell nothing twice."""
    day = business_day(at)
    if day.day not in DAYS or at.astimezone(BUSINESS_ZONE).hour < FROM_HOUR:
        return
    for district in Unit.objects.filter(kind=UnitKind.DISTRICT):
        key = f"claims-due/{district.pk}/{day.isoformat()}"
        if not Notification.objects.filter(key=key).exists():
            _remind(district, day, key, at)


@transaction.atomic
def _remind(district: Unit, day: date, key: str, at: datetime) -> None:
    _hold(district)
    if Notification.objects.filter(key=key).exists():
        return
    people: dict[int, Person] = {}
    reasons: dict[int, list[str]] = defaultdict(list)
    claims = (
        claims_of(district, None)
        .select_related("claimant__user")
        .filter(month=day.replace(day=1), state__in=[*WRITABLE, *WAITING])
    )
    for claim in claims.order_by("pk"):
        reason = "draft" if claim.state in WRITABLE else "" if claim.has_receipts else "receipts"
        if reason:
            people[claim.claimant_id] = claim.claimant
            reasons[claim.claimant_id].append(reason)
    free = {each.unit.pk for each in headrooms(district, day.replace(day=1)) if each.room.free}
    managers = Tenure.objects.on(day).filter(unit__in=free, post__role=Role.MANAGER)
    for tenure in managers.select_related("person__user"):
        people[tenure.person_id] = tenure.person
        reasons[tenure.person_id].append("balance")
    for pk, person in people.items():
        zh, en = in_both(lambda found=reasons[pk]: _sentence(found))  # type: ignore[misc]
        notify([person], zh=zh, en=en, url=reverse("claims"), key=key, at=at)
        if person.user is not None and person.user.email:
            transaction.on_commit(partial(_mail, person.user.email, zh, en), robust=True)


def _hold(district: Unit) -> None:
    """Let two beats queue up: the second finds the first's notifications and sends no mail."""
    list(Unit.objects.select_for_update(of=("self",)).filter(pk=district.pk).values_list("pk"))


def _mail(address: str, zh: str, en: str) -> None:
    send_mail(subject=zh, message=f"{zh}\n\n{en}", from_email=None, recipient_list=[address])


def _sentence(reasons: list[str]) -> str:
    parts = {
        "draft": _("a claim of yours is not submitted"),
        "receipts": _("a claim of yours lacks its receipts"),
        "balance": _("your unit has a balance left to claim"),
    }
    what = _("; ").join(parts[reason] for reason in parts if reason in reasons)
    return _("Claims are due on the 25th: %(what)s.") % {"what": what}
