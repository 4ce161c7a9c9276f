"""Giving a user to call or a sheet to fill in to somebody of its unit."""

from typing import Any

from django import forms

from fieldwork.models import Activity, WarnedUser
from fieldwork.queries.accounts import responsible_people
from orgchart.forms import RefusableForm
from orgchart.permissions import Actor


class GivingForm(RefusableForm):
    """Who is responsible from now on; the field `person` is each kind's own."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, row: Activity | WarnedUser, data: Any = None) -> None:
        given = {"person": row.person.code if row.person else "", "version": row.version}
        super().__init__(data, auto_id="give_%s", initial=given)
        people = responsible_people(actor.district, actor.on, [row.unit_id])
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
