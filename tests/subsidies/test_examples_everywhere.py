"""Examples 5 and 6 with all their edges through page, API and Excel; files are added up again.

A file is opened again by three programs: its values are summed, and a spreadsheet that knows
none of the values that we wrote computes every formula anew.
"""

import io
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import translation

from kpi.models import Month, MonthState
from orgchart.models import Dealer
from subsidies.models import ClaimCategory, CommissionSheet, SheetKind, SubsidyPolicy
from subsidies.services.claims import submit_claim
from subsidies.services.commissions import make_sheet
from subsidies.services.entitlements import compute_entitlements
from subsidies.wording import line_name
from tests.district import MARCH, NOW, START, District
from tests.subsidies.claims import at, attach, draft
from tests.subsidies.dealers import scheme_document
from tests.subsidies.district import (
    build_example_5,
    build_example_6,
    enter,
    open_dealer,
    publish,
    report_revenue,
    set_scheme,
)
from tests.subsidies.staff import build_staff
from tests.subsidies.test_rules_entitlement import CAPS, EDGES
from tests.subsidies.test_workbooks import cents
from tests.worked_examples import example

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
UNITS = ("grid1", "grid2", "grid3", "grid4", "suburban")
SIX = example("6_commission")


def downloaded(client: Any, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.getvalue()


def rows_of(content: bytes, sheet: int = 0) -> list[tuple[Any, ...]]:
    page = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[sheet]
    return list(page.iter_rows(values_only=True))


def edges_of_5(district: District, cap: str) -> None:
    """A unit for each edge; the last has no task, so that a person decides."""
    edges = example("5_subsidy")["edges"]
    assert {edge["case"] for edge in edges} == EDGES.keys()
    policy = {"valid_from": START, "fixed": Decimal(600), "cap": CAPS[cap]}
    for unit, edge in zip(UNITS, edges, strict=True):
        base, task, actual = EDGES[edge["case"]]
        SubsidyPolicy.objects.create(
            unit=district.units[unit], floating_base=Decimal(base), **policy
        )
        report_revenue(district, unit, task, actual)
    SubsidyPolicy.objects.create(
        unit=district.units["group"], floating_base=Decimal(1200), **policy
    )
    report_revenue(district, "group", "0", "3.50")
    publish(district)
    compute_entitlements(district_id=district.root.pk, month=MARCH, at=NOW)


@pytest.mark.parametrize("cap", CAPS)
def test_every_edge_of_example_5_comes_out_of_page_api_and_file(
    district: District, signed_in: Any, cap: str
) -> None:
    edges_of_5(district, cap)
    head = signed_in("test-head")

    rows = {row["unit"]: row for row in head.get("/api/v1/subsidies/?month=2026-03").json()["rows"]}
    page = head.get("/subsidies/?month=2026-03").content.decode()
    file = rows_of(downloaded(head, "/subsidies/export.xlsx?month=2026-03"))
    listed = {row[1]: row for row in file[3:-1]}

    together = Decimal(0)
    for unit, edge in zip(UNITS, example("5_subsidy")["edges"], strict=True):
        floating = Decimal(edge[cap])
        shown, line = rows[unit], listed[district.units[unit].name]
        assert (shown["floating"], shown["total"]) == (str(floating), f"{floating + 600:.2f}")
        assert f"{Decimal(shown['completion']) * 100:.2f}%" == edge["ratio"]
        assert (cents(line[7]), cents(line[8])) == (floating, floating + 600)
        assert f"{floating + 600:,.2f}" in page
        assert edge["ratio"].rstrip("%").replace("-", "−") in page
        together += floating + 600
    # A task of zero is never 100 %: nothing floats until a person decides.
    assert (rows["group"]["state"], rows["group"]["floating"]) == ("manual", "0.00")
    assert cents(listed[district.units["group"].name][8]) == 600
    assert cents(file[-1][8]) == sum(cents(row[8]) for row in listed.values()) == together + 600


def test_a_unit_without_revenue_may_claim_the_fixed_part_only(
    district: District, signed_in: Any
) -> None:
    SubsidyPolicy.objects.create(
        unit=district.units["grid1"], valid_from=START, fixed=Decimal(600),
        floating_base=Decimal(800), cap=Decimal(1),
    )  # fmt: skip
    report_revenue(district, "grid1", "36.15", None)
    publish(district)
    compute_entitlements(district_id=district.root.pk, month=MARCH, at=NOW)
    head = signed_in("test-head")

    [row] = head.get("/api/v1/subsidies/?month=2026-03").json()["rows"]
    page = head.get("/subsidies/?month=2026-03").content.decode()
    [line] = rows_of(downloaded(head, "/subsidies/export.xlsx?month=2026-03"))[3:-1]

    assert (row["state"], row["fixed"], row["floating"]) == ("pending", "600.00", None)
    assert (line[2], line[7], line[8]) == (600, None, None)
    assert "浮动补贴待出账，只能报固定部分" in page


def edge_dealers(district: District, mode: str) -> dict[str, dict[str, str]]:
    """A dealer for every edge of example 6; return {code: what its lines have to be}."""
    set_scheme(district, volume=scheme_document()["volume"] | {"mode": mode})
    column = {"all_units": "全额阶梯", "marginal": "分段阶梯"}[mode]
    wanted: dict[str, dict[str, str]] = {}

    def add(code: str, expected: dict[str, str], commission_class: str = "A", **given: Any) -> None:
        enter(open_dealer(district, code, "grid1", commission_class=commission_class), MARCH,
              **given)  # fmt: skip
        wanted[code] = expected

    for edge in SIX["tier_edges"]:
        n = edge["n"]
        add(f"tier{n}", {"one_time": f"{20 * n}.00", "volume": f"{edge[column]}.00"}, gross=n)
    for edge in SIX["band_edges"]:
        for name in ("A", "B"):
            net = Decimal(edge["净收入"])
            share = Decimal(edge[name].rstrip("%")) / 100
            add(
                f"band{edge['净收入'].replace('.', '-')}{name}",
                {"revenue_share": f"{100 * net * share:.2f}"},
                name,
                revenue_groups=[[str(net), 100]],
            )
    for edge in SIX["low_band_edges"]:
        low = int(Decimal(edge["占比"].rstrip("%")) * 100)  # of 10,000 counted users
        volume = 120_000 if mode == "all_units" else 118_662
        price = 20 + Decimal(volume) / 10_000
        rate = (price * Decimal(edge["系数"])).quantize(Decimal("0.0001"), "ROUND_DOWN")
        add(
            f"low{low}",
            {"volume": f"{volume}.00", "low_quality": f"{low * rate:.2f}"},
            gross=10_000,
            low_quality=low,
        )
    publish(district)
    return wanted


@pytest.mark.parametrize("mode", ["all_units", "marginal"])
def test_every_edge_of_example_6_comes_out_of_page_api_and_file(
    district: District, signed_in: Any, mode: str
) -> None:
    wanted = edge_dealers(district, mode)
    clerk, head = signed_in("test-clerk"), signed_in("test-head")
    place = clerk.post("/commissions/2026-03/make/").url

    pk = CommissionSheet.objects.get(district=district.root).pk
    body = head.get(f"/api/v1/commission-sheets/{pk}/").json()
    content = downloaded(head, f"{place}export.xlsx")

    stated = {row["dealer"]: {line["code"]: line["amount"] for line in row["lines"]}
              for row in body["statements"]}  # fmt: skip
    lines: dict[tuple[str, str], Decimal] = {}
    for row in rows_of(content, 1)[3:-1]:
        lines[row[1], row[3]] = cents(row[6] or 0) + cents(row[7] or 0)
    with translation.override("zh-hans"):
        names = {code: line_name(code) for code in next(iter(stated.values()))}
    for code, expected in wanted.items():
        page = head.get(f"{place}statements/{code}/").content.decode()
        for line, amount in expected.items():
            assert stated[code][line] == amount, (code, line)
            assert lines[code, names[line]] == Decimal(amount), (code, line)
            assert f"{Decimal(amount):,.2f}" in page, (code, line)
    net = sum(Decimal(row["net"]) for row in body["statements"])
    assert body["net"] == str(net)
    total = rows_of(content, 1)[-1]
    assert cents(total[6]) - cents(total[7]) == net


def computed_anew(files: dict[str, bytes], folder: Path) -> dict[str, Any]:
    """Return the files with every formula computed by LibreOffice; ours left no value in them."""
    for name, content in files.items():
        openpyxl.load_workbook(io.BytesIO(content)).save(folder / f"{name}.xlsx")
    assert SOFFICE is not None
    paths = [str(folder / f"{name}.xlsx") for name in files]
    subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile",
         "--convert-to", "xlsx", "--outdir", str(folder / "out"), *paths],
        check=True, timeout=180, capture_output=True,
    )  # fmt: skip
    return {
        name: openpyxl.load_workbook(folder / "out" / f"{name}.xlsx", data_only=True)
        for name in files
    }


def formulas_of(content: bytes) -> dict[tuple[str, str], Any]:
    """Return {(worksheet, cell): the value we wrote beside its formula}."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {
        (page.title, cell.coordinate): values[page.title][cell.coordinate].value
        for page in book.worksheets
        for row in page.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_a_spreadsheet_computes_the_values_that_we_wrote(
    district: District, signed_in: Any, tmp_path: Path
) -> None:
    build_example_5(district)
    Month.objects.filter(district=district.root).update(state=MonthState.OPEN)
    build_staff(district)
    build_example_6(district)
    compute_entitlements(district_id=district.root.pk, month=MARCH, at=NOW)
    by = district.people["clerk"]
    dealers = make_sheet(district=district.root, month=MARCH, by=by, at=NOW)
    staff = make_sheet(district=district.root, month=MARCH, by=by, at=NOW, kind=SheetKind.STAFF)
    head = signed_in("test-head")
    ClaimCategory.objects.create(district=district.root, code="transport", name_zh="交通")
    for cents_claimed in (12_345, 67_890):
        row = draft(district, f"{cents_claimed / 100:.2f}", when=at(9))
        attach(district, row)
        submit_claim(claim=row, version=row.version, by=district.people["staff"], at=at(9))
    files = {
        "claims": downloaded(head, "/claims/export.xlsx"),
        "subsidies": downloaded(head, "/subsidies/export.xlsx?month=2026-03"),
        "dealers": downloaded(head, f"/commissions/{dealers.pk}/export.xlsx"),
        "staff": downloaded(head, f"/commissions/{staff.pk}/export.xlsx"),
        "reconciliation": downloaded(head, f"{reverse('reconciliation_export')}?month=2026-03"),
    }
    # Somebody raises what the first dealer earned by 100 yuan: the totals have to follow.
    changed = openpyxl.load_workbook(io.BytesIO(files["dealers"]))
    changed.worksheets[0]["G4"] = changed.worksheets[0]["G4"].value + 100
    saved = io.BytesIO()
    changed.save(saved)

    found = computed_anew(files | {"changed": saved.getvalue()}, tmp_path)

    for name, content in files.items():
        written = formulas_of(content)
        assert len(written) >= 3, name
        for (page, cell), value in written.items():
            anew = found[name][page][cell].value
            assert round(Decimal(str(anew)), 6) == round(Decimal(str(value)), 6), (page, cell)
    summary = found["dealers"].worksheets[0]
    total = next(row for row in summary.iter_rows() if row[0].value == "合计")
    assert [cents(cell.value) for cell in total[-3:]] == [
        Decimal(SIX["total"][name]) for name in ("净额", "本期支付", "结转下期")
    ]
    raised = found["changed"].worksheets[0][total[0].row]
    assert cents(raised[-2].value) == Decimal(SIX["total"]["本期支付"]) + 100


def test_the_statements_of_the_archive_add_up_to_the_sheet(
    district: District, signed_in: Any
) -> None:
    build_example_6(district)
    sheet = make_sheet(district=district.root, month=MARCH, by=district.people["clerk"], at=NOW)
    head = signed_in("test-head")

    archive = zipfile.ZipFile(
        io.BytesIO(downloaded(head, f"/commissions/{sheet.pk}/statements.zip"))
    )

    assert len(archive.namelist()) == Dealer.objects.filter(district=district.root).count() == 5
    paid = Decimal(0)
    for name in archive.namelist():
        rows = rows_of(archive.read(name))
        paid += next(cents(row[3]) for row in rows if row[0] == "本期支付")
    assert paid == Decimal(SIX["total"]["本期支付"])
