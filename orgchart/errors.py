"""What can go wrong with a request of a person, in sentences that the person understands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Fault:
    """One sentence about one place: a JSON pointer, a form field, or a sheet cell."""

    pointer: str
    detail: str


@dataclass
class DomainError(Exception):
    """A refusal with a sentence; `faults` locate it, `extra` goes into the API's answer."""

    detail: str
    faults: Sequence[Fault] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    status = 400
    title: ClassVar[str | Promise] = _("Not accepted")

    def __str__(self) -> str:
        return str(self.detail)


class Invalid(DomainError):
    """The input is not acceptable; the faults say where."""


class Locked(DomainError):
    """The thing is closed, released, approved or otherwise not to be changed."""

    status = 409
    title = _("Locked")


class VersionConflict(DomainError):
    """Somebody else changed the same cells; `extra["conflicts"]` has both values."""

    status = 409
    title = _("Changed meanwhile")


class Doubtful(DomainError):
    """The figures look wrong; `extra["doubts"]` says why. A reason lets them through."""

    status = 422
    title = _("Doubtful")


class Refused(DomainError):
    """The person may not do this."""

    status = 403
    title = _("Not permitted")
