"""What the codes of field work say to a person, in the active language."""

from django.utils.translation import pgettext

from fieldwork.models import AccountKind, Stage

# How lists mark a stage.
CHIPS = {"lead": "", "contacted": "accent", "negotiating": "warn", "signed": "good", "lost": "bad"}


def stage_name(stage: str, kind: str = "") -> str:
    """Return a stage; a signed community is a covered one (plan §5.4)."""
    if stage == Stage.SIGNED and kind == AccountKind.COMMUNITY:
        return pgettext("stage", "Covered")
    return str(Stage(stage).label)


def kind_name(kind: str) -> str:
    """Return a kind of account."""
    return str(AccountKind(kind).label)
