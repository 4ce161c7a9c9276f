"""Promotions as a list: written for people, its plans read back with every fault located."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fieldwork.models import Activity
from fieldwork.rules.promotions import per_user
from orgchart.book import COUNT, MONEY, Book
from orgchart.models import Unit

COLUMNS = {
    "code": ("编码", "Code"),
    "planned_on": ("日期", "Date"),
    "unit": ("业务单元", "Unit"),
    "setting": ("类型", "Kind"),
    "place": ("地点", "Place"),
    "dealer": ("合作经销商", "Cooperating dealer"),
    "person": ("负责人", "Responsible"),
    "materials": ("物料", "Materials"),
    "expected": ("预计发展", "Expected users"),
    "budget": ("费用预算(元)", "Budget, yuan"),
}
REQUIRED = ("planned_on", "unit", "setting", "place", "expected", "budget")
# Written behind the plan; the import does not read them.
RESULT = {
    "state": ("状态", "State"),
    "users": ("实际发展", "Users won"),
    "cost": ("实际费用(元)", "Cost, yuan"),
    "per_user": ("单户成本(元)", "Cost a user, yuan"),
    "summary": ("小结", "Summary"),
}
_WIDTHS = [10, 12, 16, 8, 24, 20, 12, 24, 9, 12, 9, 9, 12, 12, 36]


def promotions_workbook(promotions: Iterable[Activity], district: Unit) -> bytes:
    """Return the promotions as one sheet; plans of it are read back unchanged."""
    title = _("Promotions")
    is_english = (get_language() or "").startswith("en")
    heads = COLUMNS | RESULT
    with Book(title) as book:
        page = book.page(title, _WIDTHS, frozen=2)
        page.title(title)
        page.note(_("Unit: %(unit)s") % {"unit": district.name}, "")
        page.head([names[is_english] for names in heads.values()])
        for row in promotions:
            paper = row.promotion
            share = per_user(paper.cost, paper.users)
            numbers = {
                "expected": (paper.expected, COUNT), "budget": (paper.budget, MONEY),
                "users": (paper.users, COUNT), "cost": (paper.cost, MONEY),
                "per_user": (
                    None if share is None else Decimal(share.numerator) / share.denominator, MONEY,
                ),
            }  # fmt: skip
            texts = {
                "code": paper.code, "planned_on": row.planned_on.isoformat(),
                "unit": row.unit.name, "setting": paper.get_setting_display(),
                "place": paper.place, "dealer": row.dealer.name if row.dealer else "",
                "person": row.person.name if row.person else "", "materials": paper.materials,
                "state": row.get_state_display(), "summary": paper.summary,
            }  # fmt: skip
            for place, column in enumerate(heads):
                if column in numbers:
                    page.number(place, *numbers[column])
                else:
                    page.text(place, texts[column])
            page.row += 1
        page.print_area()
    return book.content
