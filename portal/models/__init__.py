"""What the portal itself keeps: the links that open the wall display, and the bulletins."""

from portal.models.bulletins import Bulletin, BulletinDraft, BulletinMail, BulletinSchedule
from portal.models.walls import WallLink

__all__ = ["Bulletin", "BulletinDraft", "BulletinMail", "BulletinSchedule", "WallLink"]
