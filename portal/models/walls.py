"""Links that open the wall display without signing in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit


class WallLink(models.Model):
    """A screen's way in. Only the token's SHA-256 is kept, so a stolen database opens nothing."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(_("where it hangs"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    used_on = models.DateField(_("last used"), null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by=None)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="wall_link_revoked_by_somebody",
            ),
        ]
