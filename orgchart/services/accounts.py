"""Accounts of people: made, given a new password, blocked. Passwords never reach the trail."""

import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import Person
from orgchart.services.changes import change, note, refuse


@transaction.atomic
def create_account(*, person: Person, username: str, by: Person, at: datetime) -> str:
    """Give a person an account and return its first password, shown once.

    Raises Invalid at /username, Locked when there is an account already.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.user_id is not None:
        raise Locked(_("%(person)s already has an account.") % {"person": person})
    password = _new_password()
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password=password)
    except IntegrityError:
        raise refuse("/username", _("This account name is taken.")) from None
    Person.objects.filter(pk=person.pk).update(user=user)
    note(person, "create_account", [change("account", None, username)], by=by, at=at)
    return password


@transaction.atomic
def reset_password(*, person: Person, by: Person, at: datetime) -> str:
    """Set a new password and return it, shown once; sessions and tokens of before end."""
    user = _account(person)
    password = _new_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    Token.objects.filter(user=user).delete()
    note(person, "reset_password", [], by=by, at=at)
    return password


@transaction.atomic
def set_account_active(*, person: Person, is_active: bool, by: Person, at: datetime) -> None:
    """Block an account or let it in again. Nobody blocks their own."""
    user = _account(person)
    if person.pk == by.pk:
        raise Refused(_("Nobody blocks their own account."))
    if user.is_active == is_active:
        return
    User.objects.filter(pk=user.pk).update(is_active=is_active)
    action = "unblock_account" if is_active else "block_account"
    note(person, action, [change("is_active", user.is_active, is_active)], by=by, at=at)


def _account(person: Person) -> User:
    user = User.objects.select_for_update().filter(person=person).first()
    if user is None:
        raise Invalid(_("%(person)s has no account.") % {"person": person})
    return user


def _new_password() -> str:
    return secrets.token_urlsafe(9)
