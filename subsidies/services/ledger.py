"""Loading a billing extract: read whole, then the month's returns counted from it; or nothing."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgchart import audit, runs
from orgchart.errors import Invalid, Locked
from orgchart.models import Dealer, Person, Run, RunFile, Unit
from subsidies.models import DealerReturn, LedgerBatch, LedgerRow
from subsidies.queries import returns as sources
from subsidies.rules.ledger import User, tally
from subsidies.services.returns import ReturnEntry, hold_month, save_return
from subsidies.wording import month_name, state_name
from subsidies.workbooks.ledger import MOST_ROWS, Entry, NotAnExtract, Reader, rows_of
from targets.months import month_text, parse_month

PORTION = 5_000  # rows
MOST_FAULTS = 500


def start_load(
    *, district: Unit, month: date, name: str, content: bytes, by: Person, at: datetime
) -> Run | LedgerBatch:
    """Owe the loading of a file and return its run; the batch itself if it is loaded already.

    Raises Locked while the month's sheet is under review, or another ledger is in force.
    """
    key = hashlib.sha256(content).hexdigest()
    present = LedgerBatch.objects.filter(district=district, month=month, withdrawn_at=None).first()
    if present is not None and present.key == key:
        return present
    _demand_free(district, month)
    with transaction.atomic():
        run = runs.start(
            kind="ledger", district=district, by=by, at=at, key=key[:60],
            month=month_text(month), name=name[:200], key_of_file=key,
        )  # fmt: skip
        RunFile.objects.get_or_create(
            run=run,
            defaults={"name": name[:200], "content_type": "application/octet-stream",
                      "content": content},
        )  # fmt: skip
    return run


def _demand_free(district: Unit, month: date) -> None:
    if LedgerBatch.objects.filter(district=district, month=month, withdrawn_at=None).exists():
        raise Locked(
            _("%(month)s already has a ledger: withdraw it first.") % {"month": month_name(month)}
        )
    _demand_no_sheet(district, month)


def _demand_no_sheet(district: Unit, month: date) -> None:
    sheet = sources.sheet_in_force(district, month)
    if sheet is not None and sheet.state in sources.UNDER_REVIEW:
        raise Locked(
            _("The sheet of %(month)s is in state “%(state)s”: its returns cannot change.")
            % {"month": month_name(month), "state": state_name(sheet.state)}
        )


def _work(run: Run) -> Iterator[int]:
    """Read everything, refuse everything that is wrong at once, then write in one piece."""
    month = parse_month(run.input["month"])
    rows = list(rows_of(bytes(RunFile.objects.get(run=run).content)))
    if len(rows) < 2:
        raise NotAnExtract(_("The file has no rows below its head."))
    if len(rows) > MOST_ROWS + 1:
        raise NotAnExtract(_("The file has more than 200,000 rows."))
    dealers = {row.code: row for row in Dealer.objects.filter(district=run.district)}
    reader = Reader(rows[0], frozenset(dealers), month)
    entries: list[Entry] = []
    run.total = len(rows)
    for number, cells in enumerate(rows[1:], start=2):
        entry = reader.read(number, cells)
        if entry is not None:
            entries.append(entry)
        if number % PORTION == 0:
            yield number
    if reader.faults:
        raise Invalid(
            _("%(count)s faults; nothing was loaded.") % {"count": f"{len(reader.faults):,}"},
            reader.faults[:MOST_FAULTS],
        )
    yield len(rows) - 1
    counted = _store(run, month, entries, dealers)
    run.url = f"{reverse('dealer_returns')}?month={month_text(month)}"
    run.note = _("%(rows)s users loaded, the returns of %(dealers)s dealers counted") % {
        "rows": f"{len(entries):,}",
        "dealers": counted,
    }


def _store(run: Run, month: date, entries: Sequence[Entry], dealers: dict[str, Dealer]) -> int:
    """Write batch, rows and returns; return how many dealers were counted."""
    assert run.started_by is not None
    hold_month(run.district, month)
    _demand_free(run.district, month)
    try:
        with transaction.atomic():
            batch = LedgerBatch.objects.create(
                district=run.district, month=month, key=run.input["key_of_file"],
                name=run.input["name"], rows=len(entries), loaded_by=run.started_by,
                loaded_at=run.started_at,
            )  # fmt: skip
    except IntegrityError:
        raise Locked(
            _("%(month)s already has a ledger: withdraw it first.") % {"month": month_name(month)}
        ) from None
    LedgerRow.objects.bulk_create(
        (
            LedgerRow(
                batch=batch, dealer=dealers[row.dealer], user=row.user, joined_on=row.joined_on,
                first_minutes=row.first_minutes, minutes=row.minutes, net=row.net,
                is_low_quality=row.is_low_quality, left_on=row.left_on,
            )
            for row in entries
        ),
        batch_size=2_000,
    )  # fmt: skip
    _count(batch, entries, dealers, by=run.started_by, at=run.started_at)
    audit.record(
        by=run.started_by, at=run.started_at, action="ledger.load",
        subject=f"ledger/{month_text(month)}", district=run.district,
        changes=[{"key": {"batch": batch.pk}, "before": None, "after": len(entries)}],
        source="file",
    )  # fmt: skip
    return len({row.dealer for row in entries})


def _count(
    batch: LedgerBatch,
    entries: Sequence[Entry],
    dealers: dict[str, Dealer],
    *,
    by: Person,
    at: datetime,
) -> None:
    scheme = sources.scheme_in_force(batch.district, batch.month)
    if scheme is None:
        raise Locked(
            _("No commission scheme is in force in %(month)s.") % {"month": month_name(batch.month)}
        )
    policy = sources.terms(scheme)
    users: dict[str, list[User]] = defaultdict(list)
    for row in entries:
        users[row.dealer].append(
            User(row.user, row.joined_on, row.first_minutes, row.minutes, row.net,
                 row.is_low_quality, row.left_on)
        )  # fmt: skip
    prices = sources.prices_paid(batch.district_id)
    recovered = sources.recovered(batch.district_id, batch.month)
    present = {row.dealer_id: row for row in sources.returns_of(batch.district, batch.month)}
    for code in sorted(users):
        dealer = dealers[code]
        found = tally(
            policy, batch.month, users[code], prices.get(dealer.pk, {}), recovered.get(dealer.pk)
        )
        before = present.get(dealer.pk)
        save_return(
            dealer=dealer, month=batch.month,
            entry=ReturnEntry(
                gross=found.gross, zero_call=found.zero_call, low_quality=found.low_quality,
                instalments={n: dict(counts) for n, counts in found.instalments.items()},
                revenue_groups=found.revenue_groups, clawbacks=found.clawbacks,
                retained=dict(found.retained),
                penalty=before.penalty if before else Decimal(0),
            ),
            version=before.version if before else None, by=by, at=at, ledger=batch,
        )  # fmt: skip


@transaction.atomic
def withdraw_ledger(*, batch: LedgerBatch, by: Person, at: datetime) -> None:
    """Take a batch back with the returns that were counted from it and not typed over since.

    Raises Locked while the month's sheet is under review or approved.
    """
    hold_month(batch.district, batch.month)
    row = LedgerBatch.objects.select_for_update().get(pk=batch.pk)
    if row.withdrawn_at is not None:
        raise Locked(_("This ledger is withdrawn already."))
    _demand_no_sheet(row.district, row.month)
    gone = DealerReturn.objects.filter(ledger=row)
    codes = list(gone.values_list("dealer__code", flat=True))
    gone.delete()
    LedgerRow.objects.filter(batch=row).delete()
    row.withdrawn_at, row.withdrawn_by = at, by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit.record(
        by=by, at=at, action="ledger.withdraw", subject=f"ledger/{month_text(row.month)}",
        district=row.district,
        changes=[{"key": {"batch": row.pk}, "before": codes, "after": None}],
    )  # fmt: skip


KIND = runs.Kind(
    label=gettext_lazy("Loading the billing extract"), capability="commissions.make", work=_work
)
