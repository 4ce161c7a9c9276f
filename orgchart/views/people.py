"""People, the posts they held, and their accounts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_tables2 import RequestConfig

from orgchart.errors import DomainError, Invalid
from orgchart.filters import PersonFilter
from orgchart.forms import AccountForm, AddPersonForm, EndTenureForm, PersonForm
from orgchart.models import Person, Tenure, Unit
from orgchart.permissions import require
from orgchart.queries.people import people
from orgchart.services import accounts as account_services
from orgchart.services import people as services
from orgchart.tables import PersonTable
from orgchart.views.editing import answer_form, link, person_of, readable_units


@require("organisation.read")
def person_list(request: HttpRequest) -> HttpResponse:
    """The people of the units in scope, with the posts they hold today."""
    actor = request.actor
    unit_ids = readable_units(request)
    units = Unit.objects.of(actor.district)
    chosen = PersonFilter(
        request.GET,
        queryset=people(actor.district, actor.on, unit_ids),
        units=units if unit_ids is None else units.filter(pk__in=unit_ids),
        on=actor.on,
    )
    hidden = () if actor.can("accounts.write") else ("account",)
    table = PersonTable(chosen.qs, exclude=hidden)
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    context = {
        "filter": chosen,
        "table": table,
        "count": table.paginator.count,
        "sentence": _("Each with the posts of today; the rights follow from the post."),
        "actions": [
            link(_("Appoint"), "appoint", "user"),
            link(_("Add a person"), "person_add", "plus", primary=True),
        ]
        if actor.can("organisation.write")
        else [],
    }
    return render(request, "orgchart/people.html", context)


@require("organisation.read")
def person_detail(request: HttpRequest, code: str) -> HttpResponse:
    return _person_page(request, person_of(request, code))


@require("organisation.write")
def person_add(request: HttpRequest) -> HttpResponse:
    actor = request.actor

    def save(**fields: Any) -> None:
        services.add_person(district=actor.district, **fields)

    return answer_form(
        request, AddPersonForm, save, initial={}, title=_("Add a person"), crumb=_("People"),
        sentence=_("Appoint to a post afterwards; the rights follow from the post."),
        back=reverse("people"), done=_("Person added"), submit=_("Add"),
    )  # fmt: skip


@require("organisation.write")
def person_edit(request: HttpRequest, code: str) -> HttpResponse:
    person = person_of(request, code)

    def save(**fields: Any) -> None:
        services.edit_person(person=person, **fields)

    fields = ("name_zh", "name_en", "phone", "version")
    return answer_form(
        request, PersonForm, save, initial={name: getattr(person, name) for name in fields},
        title=_("Change %(person)s") % {"person": person.name}, crumb=person.name,
        back=_person_url(person), done=_("Saved"), submit=_("Save"),
    )  # fmt: skip


@require("organisation.write")
def tenure_end(request: HttpRequest, pk: int) -> HttpResponse:
    actor = request.actor
    tenure = get_object_or_404(
        Tenure.objects.select_related("person", "post", "unit"),
        pk=pk,
        unit__district=actor.district,
    )

    def save(**fields: Any) -> None:
        services.end_tenure(tenure=tenure, **fields)

    return answer_form(
        request, EndTenureForm, save, initial={"last_day": actor.on},
        title=_("End the post of %(person)s") % {"person": tenure.person.name},
        sentence=f"{tenure.unit.name} · {tenure.post.name}", crumb=tenure.person.name,
        back=_person_url(tenure.person), done=_("Saved"), submit=_("End the post"),
    )  # fmt: skip


@never_cache
@require_POST
@require("accounts.write")
def person_account(request: HttpRequest, code: str) -> HttpResponse:
    """Make, reset, block or unblock an account (`step`); a new password is shown once, here."""
    person = person_of(request, code)
    step = request.POST.get("step")
    by_at = {"person": person, "by": request.actor.person, "at": request.now}
    form = None
    try:
        if step == "create":
            scope = {"district": request.actor.district, "on": request.actor.on}
            form = AccountForm(request.POST, **scope)
            if not form.is_valid():
                return _person_page(request, person, account_form=form, status=400)
            password = account_services.create_account(**form.cleaned_data, **by_at)
        elif step == "reset":
            password = account_services.reset_password(**by_at)
        elif step not in ("block", "unblock"):
            raise Invalid(_("Nothing was asked for."))
        else:
            account_services.set_account_active(**by_at, is_active=step == "unblock")
            messages.success(request, _("Saved"))
            return redirect(_person_url(person))
    except DomainError as refusal:
        refused = str(refusal)
        return _person_page(
            request, person, account_form=form, refused=refused, status=refusal.status
        )
    return _person_page(request, person_of(request, code), password=password)


def _person_page(
    request: HttpRequest,
    person: Person,
    *,
    account_form: AccountForm | None = None,
    password: str = "",
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    may_manage = actor.can("accounts.write")
    may_write = actor.can("organisation.write")
    is_self = person.pk == actor.person.pk
    scope = {"district": actor.district, "on": actor.on}
    context = {
        "person": person,
        "on": actor.on,
        "tenures": person.tenures.select_related("post", "unit").order_by("-valid_from", "pk"),
        "supervisions": person.supervisions.select_related("unit").order_by("-valid_from", "pk"),
        "may_write": may_write,
        "actions": [
            link(_("Appoint"), "appoint", "user", primary=True, query=f"person={person.code}")
        ]
        if may_write and not is_self
        else [],
        "may_manage": may_manage,
        "account_form": (account_form or AccountForm(**scope)) if may_manage else None,
        "password": password,
        "refused": refused,
        "is_self": is_self,
    }
    return render(request, "orgchart/person.html", context, status=status)


def _person_url(person: Person) -> str:
    return reverse("person_detail", kwargs={"code": person.code})
