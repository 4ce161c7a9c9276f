"""The demo's Book: what stands at the beginning of the year, before any month is lived."""

from datetime import date

from portal.book.book import Book
from portal.book.organisation import Cover
from portal.book.results import ClosingRule
from portal.demo import DISTRICT, YEAR, cards, organisation, outlets, payouts, plan


def cover() -> Cover:
    return Cover(
        district=DISTRICT, year=YEAR, branch="city", branch_zh="市分公司", branch_en="City branch"
    )


def opening_book() -> Book:
    """Return organisation, plan, tasks and rules; no months, actuals or returns."""
    return Book(
        covers=(cover(),),
        units=organisation.units(),
        placements=organisation.placements(),
        posts=organisation.posts(),
        people=organisation.people(),
        tenures=organisation.tenures(),
        supervisions=organisation.supervisions(),
        dealers=outlets.dealers(),
        affiliations=outlets.affiliations(),
        breakdowns=cards.breakdowns(),
        indicators=cards.indicators(),
        terms=cards.terms(),
        annual_targets=plan.annual_targets(),
        sheets=plan.sheets(),
        sheet_rows=plan.sheet_rows(),
        tasks=plan.tasks(),
        segment_tasks=plan.segment_tasks(),
        scorecards=payouts.scorecards(),
        scorecard_items=payouts.scorecard_items(),
        closing_rules=(ClosingRule(valid_from=date(YEAR, 1, 1), requires_verification=True),),
        subsidy_policies=payouts.subsidy_policies(),
        competitions=payouts.competitions(),
        competition_policies=payouts.competition_policies(),
        schemes=payouts.schemes(),
    )
