"""Accounts as a list: written for people, read back with every fault located."""

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fieldwork.models import Account
from fieldwork.wording import kind_name, stage_name
from orgchart.book import COUNT, MONEY, Book
from orgchart.models import Unit

COLUMNS = {
    "code": ("编码", "Code"),
    "name_zh": ("名称", "Name"),
    "name_en": ("英文名称", "English name"),
    "kind": ("类别", "Kind"),
    "unit": ("业务单元", "Unit"),
    "area": ("乡镇街道", "Township or street"),
    "address": ("地址", "Address"),
    "responsible": ("责任人", "Responsible"),
    "contact": ("联络人", "Contact"),
    "contact_phone": ("联络电话", "Phone"),
    "informant": ("信息人", "Informant"),
    "size": ("户数或人数", "Households or people"),
    "expected_users": ("预计用户", "Expected users"),
    "expected_revenue": ("预计月收入(元)", "Expected revenue, yuan a month"),
    "deadline": ("截止日期", "Due by"),
    "stage": ("阶段", "Stage"),
    "stage_on": ("阶段日期", "Since"),
    "note": ("备注", "Note"),
}
REQUIRED = ("name_zh", "kind", "unit")
_WIDTHS = [9, 22, 22, 12, 16, 14, 22, 12, 10, 14, 16, 11, 10, 14, 12, 10, 12, 24]


def accounts_workbook(accounts: Iterable[Account], district: Unit) -> bytes:
    """Return the accounts as one sheet that the import reads back unchanged."""
    title = _("Field accounts")
    is_english = (get_language() or "").startswith("en")
    with Book(title) as book:
        page = book.page(title, _WIDTHS, frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([names[is_english] for names in COLUMNS.values()])
        for row in accounts:
            texts = {
                "code": row.code, "name_zh": row.name_zh, "name_en": row.name_en,
                "kind": kind_name(row.kind), "unit": row.unit.name, "area": row.area,
                "address": row.address,
                "responsible": row.responsible.name if row.responsible else "",
                "contact": row.contact, "contact_phone": row.contact_phone,
                "informant": row.informant,
                "deadline": row.deadline.isoformat() if row.deadline else "",
                "stage": stage_name(row.stage, row.kind), "stage_on": row.stage_on.isoformat(),
                "note": row.note,
            }  # fmt: skip
            for place, column in enumerate(COLUMNS):
                if column in ("size", "expected_users"):
                    page.number(place, getattr(row, column), COUNT)
                elif column == "expected_revenue":
                    page.number(place, row.expected_revenue, MONEY)
                else:
                    page.text(place, texts[column])
            page.row += 1
        page.print_area()
    return book.content
