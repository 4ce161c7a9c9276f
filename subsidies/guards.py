"""What the database itself refuses for sheets and claims: rewriting what was decided."""

from orgchart.guards import guard

_EVENTS = ("INSERT", "UPDATE", "DELETE")
_NOT_BEING_MADE = (
    "EXISTS (SELECT 1 FROM subsidies_commissionsheet s "
    "WHERE s.id = {row}.sheet_id AND s.state <> 'made')"
)
_OF_SUCH_A_SHEET = (
    "EXISTS (SELECT 1 FROM subsidies_statement p JOIN subsidies_commissionsheet s "
    "ON s.id = p.sheet_id WHERE p.id = {row}.statement_id AND s.state <> 'made')"
)

SHEET_GUARDS = [
    guard(
        name="sheet_decided_is_final",
        table="subsidies_commissionsheet",
        events=("UPDATE",),
        # OLD, not {row}: becoming approved or void is allowed, being it is final; only the
        # payment and the filing are noted on an approved one.
        refused_when=(
            "OLD.state IN ('void', 'archived')"
            " OR (OLD.state = 'approved' AND NEW.state <> 'paid')"
            " OR (OLD.state = 'paid' AND NEW.state <> 'archived')"
            " OR (OLD.state IN ('approved', 'paid') AND ("
            + " OR ".join(
                f"NEW.{column} <> OLD.{column}"
                for column in (
                    "seal",
                    "district_id",
                    "month",
                    "kind",
                    "version",
                    "scheme_id",
                    "made_by_id",
                    "audited_by_id",
                    "approved_by_id",
                    "gross",
                    "deductions",
                    "brought_forward",
                    "net",
                    "paid",
                    "carried",
                )
            )
            + "))"
        ),
        message="an approved or void commission sheet is final",
    ),
    guard(
        name="sheet_decided_stays",
        table="subsidies_commissionsheet",
        events=("DELETE",),
        refused_when="OLD.state IN ('approved', 'paid', 'archived', 'void')",
        message="an approved or void commission sheet is final",
    ),
    guard(
        name="settled_adjustment_is_final",
        table="subsidies_commissionadjustment",
        events=("UPDATE", "DELETE"),
        refused_when=(
            "EXISTS (SELECT 1 FROM subsidies_commissionsheet s WHERE s.id = OLD.sheet_id "
            "AND s.state IN ('approved', 'paid', 'archived'))"
        ),
        message="the adjustment is settled by an approved sheet",
    ),
    guard(
        name="statement_of_sheet_being_made",
        table="subsidies_statement",
        events=_EVENTS,
        refused_when=_NOT_BEING_MADE,
        message="the commission sheet is no longer being made",
    ),
    guard(
        name="line_of_sheet_being_made",
        table="subsidies_commissionline",
        events=_EVENTS,
        refused_when=_OF_SUCH_A_SHEET,
        message="the commission sheet is no longer being made",
    ),
]

SCHEME_GUARD = guard(
    name="scheme_in_use_is_final",
    table="subsidies_commissionscheme",
    events=("UPDATE",),
    refused_when=(
        "(NEW.body <> OLD.body OR NEW.kind <> OLD.kind OR NEW.code <> OLD.code "
        "OR NEW.valid_from <> OLD.valid_from) "
        "AND EXISTS (SELECT 1 FROM subsidies_commissionsheet s WHERE s.scheme_id = OLD.id)"
    ),
    message="a commission sheet was made by this scheme: write a new version",
)

_CLAIM_IN = "(SELECT c.state FROM subsidies_claim c WHERE c.id = {row}.claim_id)"
CLAIM_GUARDS = [
    guard(
        name="claim_ended_is_final",
        table="subsidies_claim",
        events=("UPDATE", "DELETE"),
        # OLD, as above: becoming so is allowed.
        refused_when="OLD.state IN ('archived', 'void')",
        message="an archived or void claim is final",
    ),
    guard(
        name="claim_granted_is_final",
        table="subsidies_claim",
        events=("UPDATE",),
        refused_when="OLD.granted IS NOT NULL AND (NEW.granted IS NULL "
        "OR NEW.granted <> OLD.granted OR NEW.amount <> OLD.amount "
        "OR NEW.unit_id <> OLD.unit_id OR NEW.month <> OLD.month "
        "OR NEW.state NOT IN ('checked', 'paid', 'archived') "
        "OR (OLD.state = 'paid' AND NEW.state = 'checked'))",
        message="what was granted on a claim stays",
    ),
    guard(
        name="item_of_claim_being_written",
        table="subsidies_claimitem",
        events=_EVENTS,
        refused_when=f"{_CLAIM_IN} NOT IN ('draft', 'returned')",
        message="the claim is no longer being written",
    ),
    guard(
        name="receipt_of_claim_unchecked",
        table="subsidies_claimreceipt",
        events=_EVENTS,
        refused_when=f"{_CLAIM_IN} NOT IN ('draft', 'returned', 'submitted', 'approved')",
        message="the receipts of the claim were checked",
    ),
]
