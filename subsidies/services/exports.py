"""Writing a long commission sheet to Excel as long work with its progress."""

from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgchart import runs
from orgchart.models import Person, Run, RunFile
from subsidies.downloads import XLSX, sheet_name, units_of
from subsidies.models import CommissionSheet
from subsidies.queries.sheets import line_codes, sheets_of, statement_portions, summed
from subsidies.workbooks import large_workbook


def start_export(
    *, sheet: CommissionSheet, unit_ids: frozenset[int] | None, by: Person, at: datetime
) -> Run:
    """Write the part of a sheet that the person may see; one at a time of the same part."""
    scope = None if unit_ids is None else sorted(unit_ids)
    return runs.start(
        kind="commission_export", district=sheet.district, by=by, at=at,
        key=f"{sheet.pk}/{by.pk}", sheet=sheet.pk, units=scope,
    )  # fmt: skip


def _work(run: Run) -> Iterator[int]:
    sheet = sheets_of(run.district).get(pk=run.input["sheet"])
    units = run.input["units"]
    unit_ids = None if units is None else frozenset(units)
    whole = summed([sheet], unit_ids)[0]
    run.total = whole.payees
    with TemporaryFile() as target:
        yield from large_workbook(
            target,
            whole,
            statement_portions(sheet.pk, unit_ids),
            line_codes(sheet.pk, unit_ids),
            of=units_of(sheet, unit_ids),
        )
        target.seek(0)
        RunFile.objects.update_or_create(
            run=run,
            defaults={
                "name": f"{sheet_name(sheet)}.xlsx",
                "content_type": XLSX,
                "content": target.read(),
            },
        )
    run.url = reverse("run_file", args=[run.pk])
    run.note = _("%(count)s statements written") % {"count": f"{whole.payees:,}"}


KIND = runs.Kind(
    label=gettext_lazy("Writing the commission sheet"), capability="commissions.make", work=_work
)
