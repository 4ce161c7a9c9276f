"""What only the portal as a whole keeps."""

from portal.models.walls import WallLink

__all__ = ["WallLink"]
