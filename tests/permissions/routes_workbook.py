"""Access to the district workbook."""

from tests.permissions.access import DISTRICT, Access

READERS = DISTRICT | {"admin"}

ROUTES = [
    Access("workbook", READERS),
    # Without a file: refused for the file's sake, or for the post's.
    Access("workbook", frozenset({"clerk", "admin"}), method="post", succeeds=frozenset({400})),
    Access("workbook_export", READERS, kwargs=lambda: {"year": 2026}),
]
