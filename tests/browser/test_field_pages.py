"""The pages of field work, in a module of their own: so two workers share the looking."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_every_page import PAGES, look_at


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("field-")])
def test_page_is_sound(name: str, visit: Visit) -> None:
    look_at(name, visit)
