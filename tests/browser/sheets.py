"""What the tests do with a sheet: find its cells, read them, paste as from Excel."""

from playwright.sync_api import Locator, Page


def cell(page: Page, unit: str, indicator: str, breakdown: str = "all", month: str = "") -> Locator:
    """Return the cell or the field with a key, on the grid and in the form."""
    parts = {"unit": unit, "indicator": indicator, "breakdown": breakdown}
    if month:
        parts["month"] = month
    return page.locator(
        "[data-cell]" + "".join(f'[data-key*=\'"{key}": "{code}"\']' for key, code in parts.items())
    )


def active(page: Page) -> Locator:
    """Return the cell that the keyboard is in."""
    return page.locator("td.is-active")


def paste(page: Page, text: str) -> None:
    """Paste into the active cell through the clipboard of the system."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def toast(page: Page, text: str) -> Locator:
    """Return the toast with the text."""
    return page.locator("#toasts").get_by_text(text)
