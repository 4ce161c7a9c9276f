"""A district that has everything examples 5 and 6 start from, in March 2026."""

from datetime import date
from decimal import Decimal
from typing import Any

from kpi.models import Actual, Month, MonthState
from orgchart.models import Dealer, DealerAffiliation, DealerKind, DealerTier
from subsidies.models import CommissionScheme, DealerReturn, SubsidyPolicy
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet
from targets.models import Task
from tests.district import MARCH, NOW, START, District
from tests.subsidies.dealers import dealer_month, dealer_rows, scheme_document
from tests.worked_examples import UNITS, example

FEBRUARY = date(2026, 2, 1)
APRIL = date(2026, 4, 1)
CODES = ("hongda", "tiantian", "xijiao", "xuefu", "heping")
UNIT_OF = ("grid1", "grid1", "grid2", "grid2", "suburban")


def publish(district: District, month: date = MARCH) -> Month:
    """Close the books of a month as the database knows it; no score is needed here."""
    Month.objects.update_or_create(
        district=district.root, month=month, defaults={"state": MonthState.PUBLISHED}
    )
    return Month.objects.get(district=district.root, month=month)


def report_revenue(district: District, unit: str, task: str | None, actual: str | None) -> None:
    """Give a unit its total revenue of March: all mobile, and a fixed network of zero."""
    for code, planned, reported in (
        ("mobile_revenue", task, actual),
        ("fixed_revenue", "0", "0"),
    ):
        place = {
            "month": MARCH,
            "unit": district.units[unit],
            "indicator": district.indicators[code],
            "breakdown": district.breakdowns["all"],
        }
        if planned is not None:
            Task.objects.create(**place, value=Decimal(planned))
        if reported is not None:
            Actual.objects.create(
                **place, value=Decimal(reported), as_of=date(2026, 3, 31), reported_at=NOW
            )


def set_policies(district: District, cap: str | None = "1") -> None:
    """Give every unit the amounts of example 5."""
    for row in example("5_subsidy")["rows"]:
        SubsidyPolicy.objects.create(
            unit=district.units[UNITS[row["业务单元"]]],
            valid_from=START,
            fixed=Decimal(row["固定(元)"]),
            floating_base=Decimal(row["浮动基数(元)"]),
            cap=None if cap is None else Decimal(cap),
        )


def build_example_5(district: District, cap: str | None = "1") -> None:
    """Policies, tasks and actuals of example 5; the month is published."""
    set_policies(district, cap)
    for row in example("5_subsidy")["rows"]:
        report_revenue(
            district, UNITS[row["业务单元"]], row["总收入任务(万元)"], row["总收入完成(万元)"]
        )
    publish(district)


def open_dealer(
    district: District,
    code: str,
    unit: str,
    *,
    name: str = "",
    commission_class: str = "A",
    tier: DealerTier = DealerTier.TIER_1,
) -> Dealer:
    dealer = Dealer.objects.create(
        district=district.root, code=code, name_zh=name or f"经销商{code}", name_en=code, tier=tier,
        kind=DealerKind.MALL_MERCHANT if tier == DealerTier.TIER_1 else DealerKind.DIRECT_STORE,
        commission_class=commission_class, opened_on=START,
    )  # fmt: skip
    DealerAffiliation.objects.create(dealer=dealer, unit=district.units[unit], valid_from=START)
    return dealer


def open_dealers(district: District) -> list[Dealer]:
    """Open the five dealers of example 6."""
    dealers = []
    for row, code, unit in zip(dealer_rows(), CODES, UNIT_OF, strict=True):
        is_first = row["档"] == "一、二级代理"
        dealers.append(
            open_dealer(
                district,
                code,
                unit,
                name=row["经销商"],
                commission_class="A" if is_first else "B",
                tier=DealerTier.TIER_1 if is_first else DealerTier.TIER_2,
            )
        )
    return dealers


def set_scheme(district: District, **changes: Any) -> CommissionScheme:
    return CommissionScheme.objects.create(
        district=district.root, code="2026", name_zh="2026年经销商佣金办法",
        name_en="Dealer commissions 2026", valid_from=START, body=scheme_document() | changes,
    )  # fmt: skip


def enter_example_6(dealers: list[Dealer], month: date = MARCH) -> None:
    """Enter the five returns of example 6."""
    for dealer, row in zip(dealers, dealer_rows(), strict=True):
        figures = dealer_month(row)
        enter(
            dealer, month, gross=figures.gross, zero_call=figures.zero_call,
            low_quality=figures.low_quality_users,
            instalments={
                str(number): {str(bound): users for bound, users in counts.items()}
                for number, counts in figures.instalment_counts.items()
            },
            revenue_groups=[[str(group.average), group.users] for group in figures.revenue_groups],
            clawbacks=[[lost.users, str(lost.unit_price_paid)] for lost in figures.clawbacks],
            penalty=sum((penalty.amount for penalty in figures.penalties), Decimal(0)),
        )  # fmt: skip


def enter(dealer: Dealer, month: date, **figures: Any) -> DealerReturn:
    idle = {"gross": 0, "instalments": {"3": {}, "6": {}}}
    return DealerReturn.objects.create(dealer=dealer, month=month, **(idle | figures))


def build_example_6(district: District) -> list[Dealer]:
    """Scheme, dealers and returns of example 6, with the debt that February left."""
    dealers = open_dealers(district)
    set_scheme(district)
    # 37.20 is owed by the last dealer: that much penalty, nothing earned, in February.
    enter(dealers[-1], FEBRUARY, penalty=Decimal("37.20"))
    publish(district, FEBRUARY)
    publish(district, MARCH)
    people = district.people
    made = make_sheet(district=district.root, month=FEBRUARY, by=people["clerk"], at=NOW)
    audited = audit_sheet(sheet=made, by=people["auditor"], at=NOW)
    approve_sheet(sheet=audited, by=people["head"], at=NOW)
    enter_example_6(dealers)
    return dealers
