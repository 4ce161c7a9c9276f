"""What the audit trail calls the actions, fields and things of the apps above orgchart."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from orgchart.models import Unit
from orgchart.words import ACTIONS, FIELDS, NAMES
from targets.models import Breakdown, Indicator


def register() -> None:
    """Add the words; called once, when the routes are made."""
    ACTIONS.update(
        {
            "definition.create": _("Added a derived indicator"),
            "definition.remove": _("Removed a derived indicator"),
            "definition.save": _("Saved a definition's draft"),
            "definition.publish": _("Published a definition"),
            "definition.discard": _("Discarded a definition's draft"),
            "open_plan": _("Opened a plan"),
            "save_annual_targets": _("Saved annual targets"),
            "unit_plan.save": _("Saved a unit's own plan"),
            "undo_annual_targets": _("Took annual targets back"),
            "release_plan": _("Released the plan"),
            "accept_plan": _("Accepted the plan"),
            "propose_counter": _("Counter-proposed"),
            "propose_borrow": _("Asked to borrow between months"),
            "decide_proposal": _("Decided a proposal"),
            "rehome_tasks": _("Homed an orphaned amount"),
            "roll_back_tasks": _("Rolled a file back"),
            "lend_tasks": _("Moved tasks between months"),
            "create_sheet": _("Made a task sheet"),
            "weigh_sheet": _("Changed weights and season"),
            "change_total": _("Changed an annual total"),
            "break_down": _("Broke tasks down"),
            "roll_forward": _("Rolled a shortfall forward"),
            "save_tasks": _("Saved tasks"),
            "lock_tasks": _("Locked tasks"),
            "unlock_tasks": _("Unlocked tasks"),
            "actuals.save": _("Saved actuals"),
            "daily.save": _("Saved daily figures"),
            "pace.rule": _("Set the rule of pace"),
            "returns.verified": _("Verified returns"),
            "returns.returned": _("Sent figures back"),
            "adjustment.requested": _("Requested a correction"),
            "adjustment.verified": _("Verified a correction"),
            "adjustment.approved": _("Posted a correction"),
            "adjustment.refused": _("Refused a correction"),
            "event.note": _("Noted an event"),
            "event.void": _("Voided an event"),
            "month.open": _("Opened a month"),
            "month.close": _("Closed a month"),
            "month.publish": _("Published a month"),
            "month.reopen": _("Reopened a month"),
            "scorecard.save": _("Saved a scorecard"),
            "scorecard.publish": _("Published a scorecard"),
            "scorecard.delete": _("Deleted a draft scorecard"),
            "scorecard.propose": _("Proposed self-set items"),
            "scorecard.return": _("Returned self-set items"),
            "subsidies.compute": _("Computed subsidies"),
            "subsidies.decide": _("Decided a subsidy"),
            "subsidies.policy": _("Set a subsidy policy"),
            "claim.save": _("Wrote an expense claim"),
            "claim.submit": _("Submitted an expense claim"),
            "claim.approve": _("Approved an expense claim"),
            "claim.return": _("Returned an expense claim"),
            "claim.void": _("Made an expense claim void"),
            "claim.check": _("Checked the receipts of a claim"),
            "claim.pay": _("Paid an expense claim"),
            "claim.archive": _("Archived an expense claim"),
            "claim.attach": _("Attached a receipt"),
            "claim.detach": _("Removed a receipt"),
            "claim.category": _("Changed a claim category"),
            "claim.source": _("Changed what claims draw on"),
            "dealer_return.save": _("Saved a dealer return"),
            "commission.make": _("Made a commission sheet"),
            "commission.audit": _("Audited a commission sheet"),
            "commission.approve": _("Approved a commission sheet"),
            "commission.return": _("Returned a commission sheet"),
            "ledger.load": _("Loaded a billing extract"),
            "ledger.withdraw": _("Withdrew a billing extract"),
            "commission.pay": _("Registered a commission payment"),
            "commission.archive": _("Archived a commission sheet"),
            "commission.adjust": _("Entered a commission adjustment"),
            "commission.unadjust": _("Withdrew a commission adjustment"),
            "commission.object": _("Objected to a statement line"),
            "commission.answer": _("Answered an objection"),
            "commission.unobject": _("Withdrew an objection"),
            "scheme.save": _("Saved a draft of a commission scheme"),
            "scheme.discard": _("Discarded a draft of a commission scheme"),
            "scheme.publish": _("Published a commission scheme"),
            "competition.decided": _("Decided a competition round"),
            "competition.approved": _("Approved an award"),
            "competition.paid": _("Paid an award"),
            "competition.voided": _("Voided a competition round"),
            "import_sheet": _("Imported a workbook sheet"),
            "bulletin.issue": _("Issued a bulletin"),
            "bulletin.resend": _("Sent a bulletin again"),
            "wall_link.create": _("Made a wall display link"),
            "wall_link.revoke": _("Revoked a wall display link"),
        }
    )
    FIELDS.update(
        {
            "plans": _("plan"),
            "tasks": _("tasks"),
            "actuals": _("actuals"),
            "indicators": _("definition"),
            "events": _("events"),
            "daily": _("daily figures"),
            "pace": _("pace"),
            "calendar": _("calendar"),
            "promotion_yield": _("users per promotion"),
            "months": _("month"),
            "returns": _("returns"),
            "adjustments": _("corrections"),
            "delta": _("correction"),
            "posted": _("posted to"),
            "scorecards": _("scorecard"),
            "subsidies": _("subsidies"),
            "claims": _("expense claim"),
            "dealer-returns": _("dealer return"),
            "commissions": _("commission sheet"),
            "schemes": _("commission scheme"),
            "one_time": _("one-time commission"),
            "volume": _("volume bonus"),
            "instalments": _("instalments"),
            "retained": _("users still there"),
            "revenue_share": _("revenue share"),
            "clawback": _("clawback"),
            "low_quality": _("low-quality clawback"),
            "excludes_zero_call": _("only users who called"),
            "bulletins": _("bulletin"),
            "comment": _("comment"),
            "people": _("people"),
            "competitions": _("competition"),
            "workbook": _("workbook"),
            "state": _("state"),
            "version": _("version"),
            "value": _("value"),
            "reason": _("reason"),
        }
    )
    NAMES["indicator"] = indicator_names
    NAMES["breakdown"] = breakdown_names
    NAMES["state"] = state_names


def indicator_names(district: Unit) -> Mapping[str, str]:
    return {row.code: row.name for row in Indicator.objects.filter(district=district)}


def breakdown_names(district: Unit) -> Mapping[str, str]:
    return {row.code: row.name for row in Breakdown.objects.filter(district=district)}


def state_names(district: Unit) -> Mapping[str, Any]:
    return {
        "requested": _("requested"),
        "refused": _("refused"),
        "unchecked": _("to be verified"),
        "verified": _("verified"),
        "draft": _("draft"),
        "released": _("released"),
        "open": _("open"),
        "closed": _("closed"),
        "published": _("published"),
        "made": _("made"),
        "audited": _("audited"),
        "approved": _("approved"),
        "returned": _("returned"),
        "void": _("void"),
        "submitted": _("submitted"),
        "checked": _("receipts checked"),
        "archived": _("archived"),
        "decided": _("on notice"),
        "no_winner": _("no winner"),
        "paid": _("paid"),
    }
