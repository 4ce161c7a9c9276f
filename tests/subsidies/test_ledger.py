"""The billing extract: read whole or not at all, counted as the scheme counts, once."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from orgchart import runs
from orgchart.errors import Locked
from orgchart.models import Dealer, Run, RunState
from subsidies.models import DealerReturn, LedgerBatch, LedgerRow
from subsidies.rules.ledger import User, month_number, tally
from subsidies.rules.scheme import Scheme
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet
from subsidies.services.ledger import start_load, withdraw_ledger
from subsidies.workbooks.ledger import COLUMNS, NotAnExtract, rows_of
from tests.district import MARCH, NOW, District
from tests.subsidies.dealers import scheme_document
from tests.subsidies.district import build_example_6, publish

HEADS = [zh for zh, _en in COLUMNS.values()]
MONTHS = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), MARCH]
POLICY = Scheme.from_json(scheme_document())


def user(joined: date, **changes: Any) -> User:
    given = {"first_minutes": Decimal(60), "minutes": Decimal(60), "net": Decimal(25)}
    return User("u", joined, **(given | changes))


def count(*users: User, paid: dict[date, Decimal] | None = None) -> Any:
    return tally(POLICY, MARCH, users, paid or {})


# --- counting --------------------------------------------------------------------------------


def test_the_joining_month_is_the_first() -> None:
    assert month_number(date(2026, 3, 31), MARCH) == 1
    assert month_number(date(2025, 10, 1), MARCH) == 6


def test_a_new_user_without_calls_is_no_counted_one() -> None:
    found = count(user(MARCH), user(MARCH, first_minutes=Decimal(0), is_low_quality=True))
    assert (found.gross, found.zero_call, found.low_quality) == (2, 1, 0)


@pytest.mark.parametrize(
    ("net", "bound"),
    [("-3", "0"), ("0", "0"), ("9.99", "0"), ("10", "10"), ("19.99", "10"), ("50", "50")],
)
def test_an_instalment_counts_in_the_band_of_the_net_revenue(net: str, bound: str) -> None:
    found = count(user(date(2026, 1, 9), net=Decimal(net)))
    assert found.instalments[3] == {Decimal(bound): 1}
    assert found.instalments[6] == {}


@pytest.mark.parametrize(("minutes", "counted"), [("49.99", 0), ("50", 1), ("50.01", 1)])
def test_an_instalment_asks_for_its_call_minutes(minutes: str, counted: int) -> None:
    found = count(user(date(2026, 1, 9), minutes=Decimal(minutes)))
    assert sum(found.instalments[3].values()) == counted


@pytest.mark.parametrize(
    ("joined", "shares"),
    [(date(2026, 3, 1), 1), (date(2024, 10, 1), 1), (date(2024, 9, 30), 0)],
)
def test_revenue_is_shared_from_the_first_to_the_eighteenth_month(
    joined: date, shares: int
) -> None:
    assert len(count(user(joined)).revenue_groups) == shares


@pytest.mark.parametrize(
    ("joined", "left", "charged"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), 1),  # 89 days
        (date(2025, 12, 31), date(2026, 3, 31), 1),  # 90
        (date(2025, 12, 30), date(2026, 3, 31), 0),  # 91
        (date(2026, 3, 1), date(2026, 3, 9), 0),  # nothing was paid for him yet
        (date(2026, 1, 1), date(2026, 2, 28), 0),  # last month's business
        (date(2026, 1, 1), None, 0),
    ],
)
def test_who_leaves_within_the_term_is_charged_back_once(
    joined: date, left: date | None, charged: int
) -> None:
    found = count(user(joined, left_on=left), paid=dict.fromkeys(MONTHS, Decimal("25")))
    assert sum(users for users, _price in found.clawbacks) == charged


@pytest.mark.parametrize(("left", "gross"), [(date(2026, 3, 31), 0), (date(2026, 4, 1), 1)])
def test_who_leaves_in_the_joining_month_is_paid_nothing(left: date, gross: int) -> None:
    found = count(user(MARCH, left_on=left, is_low_quality=True))
    assert (found.gross, found.low_quality, found.clawbacks) == (gross, gross, ())


def test_no_more_is_charged_back_than_was_paid_for_the_user() -> None:
    left = {"left_on": date(2026, 3, 5)}
    prices = {date(2026, 1, 1): Decimal("32"), date(2026, 2, 1): Decimal("25")}
    found = count(
        user(date(2026, 1, 9), **left),
        user(date(2026, 2, 9), **left),
        user(date(2026, 2, 9), first_minutes=Decimal(0), **left),
        user(date(2025, 12, 20), **left),
        paid=prices,
    )
    assert found.clawbacks == ((1, Decimal("25")), (1, Decimal("32")))


@settings(max_examples=300, deadline=None)
@given(st.decimals("-100", "1000", places=2, allow_nan=False))
def test_any_base_falls_into_exactly_one_band(net: Decimal) -> None:
    for bands in [
        *(each.bands for each in POLICY.instalments),
        *POLICY.revenue_share.bands.values(),
    ]:
        inside = [
            band
            for band in bands.steps
            if (net >= band.start or band is bands.steps[0])
            and (band.end is None or net < band.end)
        ]
        assert inside == [bands.at(net)]


# --- reading ---------------------------------------------------------------------------------


def row(dealer: str = "hongda", mark: str = "u1", **changes: Any) -> list[Any]:
    given = {
        "joined_on": "2026-03-02", "first_minutes": "12", "minutes": "60", "billed": "38.50",
        "arrears": "0", "is_low_quality": "0", "left_on": "",
    }  # fmt: skip
    return [dealer, mark, *(given | changes).values()]


def as_csv(*rows: list[Any], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(map(str, line)) for line in [HEADS, *rows]).encode(encoding)


def as_excel(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    book = Workbook(file)
    page = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for at, line in enumerate([HEADS, *rows]):
        for column, cell in enumerate(line):
            if isinstance(cell, date):
                page.write_datetime(at, column, cell, day)
            else:
                page.write(at, column, cell)
    book.close()
    return file.getvalue()


@pytest.fixture
def six(district: District) -> District:
    """The dealers of example 6 without their returns of March."""
    build_example_6(district)
    DealerReturn.objects.filter(month=MARCH).delete()
    return district


def load(district: District, content: bytes, month: date = MARCH) -> Run:
    started = start_load(
        district=district.root, month=month, name="x.csv", content=content,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip
    assert isinstance(started, Run)
    runs.drain()
    started.refresh_from_db()
    return started


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_in_either_encoding_becomes_the_months_returns(six: District, encoding: str) -> None:
    rows = [row(mark=f"u{n}") for n in range(3)] + [row("tiantian", "v", first_minutes="0")]
    run = load(six, as_csv(*rows, encoding=encoding))
    assert (run.state, run.error) == (RunState.DONE, "")
    found = {each.dealer.code: each for each in DealerReturn.objects.filter(month=MARCH)}
    assert (found["hongda"].gross, found["hongda"].zero_call) == (3, 0)
    assert (found["tiantian"].gross, found["tiantian"].zero_call) == (1, 1)
    assert found["hongda"].revenue_groups == [["38.50", 3]]
    assert LedgerBatch.objects.get().rows == LedgerRow.objects.count() == 4


def test_an_excel_file_with_real_dates_and_numbers_reads_alike(six: District) -> None:
    given_row = row(joined_on=date(2026, 3, 2), minutes=60.0, billed=38.5, is_low_quality=1)
    assert load(six, as_excel(given_row)).state == RunState.DONE
    entry = LedgerRow.objects.get()
    assert (entry.joined_on, entry.net, entry.is_low_quality) == (
        date(2026, 3, 2), Decimal("38.50"), True,
    )  # fmt: skip


FAULTY = [
    (row("nobody"), "经销商编码"),
    (row(mark=""), "用户标识"),
    (row(mark="m" * 41), "用户标识"),
    (row(joined_on=""), "入网日期"),
    (row(joined_on="2026-02-30"), "入网日期"),
    (row(joined_on="2026-04-01"), "入网日期"),
    (row(first_minutes="-1"), "首月通话分钟"),
    (row(minutes="x"), "当月通话分钟"),
    (row(billed="1.005"), "开账收入"),
    (row(billed="NaN"), "开账收入"),
    (row(billed="1e9"), "开账收入"),
    (row(arrears="-2"), "欠费"),
    (row(is_low_quality="2"), "三无极低"),
    (row(left_on="2026-03-01"), "离网日期"),
]


def test_every_fault_is_named_by_row_and_column_and_nothing_is_loaded(six: District) -> None:
    rows = [
        [line[0], f"f{n}" if line[1] == "u1" else line[1], *line[2:]]
        for n, (line, _column) in enumerate(FAULTY)
    ]
    run = load(six, as_csv(row(mark="same"), row(mark="same"), *rows))
    assert run.state == RunState.FAILED
    named = [error["pointer"] for error in run.result["errors"]]
    expected = ["row 3, 用户标识"] + [
        f"row {number}, {column}" for number, (_line, column) in enumerate(FAULTY, start=4)
    ]
    assert named == expected
    assert (
        not LedgerBatch.objects.exists() and not DealerReturn.objects.filter(month=MARCH).exists()
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"PK\x03\x04broken",
        "经销商编码,用户标识\n".encode(),
        b"\xff\xff",
    ],
)
def test_what_is_no_extract_is_refused_in_words(six: District, content: bytes) -> None:
    run = load(six, content)
    assert run.state == RunState.FAILED
    assert run.error and "error in the system" not in run.error
    assert not LedgerBatch.objects.exists()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (130 * 1024 * 1024))
    assert len(file.getvalue()) < 200_000
    with pytest.raises(NotAnExtract):
        list(rows_of(file.getvalue()))


# --- once, and back --------------------------------------------------------------------------


def test_the_same_file_is_loaded_once_and_another_waits_for_its_withdrawal(six: District) -> None:
    content = as_csv(row())
    load(six, content)
    again = start_load(
        district=six.root, month=MARCH, name="y.csv", content=content,
        by=six.people["clerk"], at=NOW,
    )  # fmt: skip
    assert again == LedgerBatch.objects.get()
    with pytest.raises(Locked):
        load(six, as_csv(row(), row(mark="u2")))
    withdraw_ledger(batch=LedgerBatch.objects.get(), by=six.people["clerk"], at=NOW)
    assert not DealerReturn.objects.filter(month=MARCH).exists()
    assert load(six, as_csv(row(), row(mark="u2"))).state == RunState.DONE


def test_a_return_typed_over_stays_when_the_ledger_goes(six: District, signed_in: Any) -> None:
    load(six, as_csv(row(), row("tiantian", "v")))
    DealerReturn.objects.filter(month=MARCH, dealer__code="hongda").update(ledger=None)
    withdraw_ledger(batch=LedgerBatch.objects.get(), by=six.people["clerk"], at=NOW)
    left = DealerReturn.objects.filter(month=MARCH).values_list("dealer__code", flat=True)
    assert list(left) == ["hongda"]


def test_a_month_whose_sheet_is_under_review_takes_no_ledger(six: District) -> None:
    load(six, as_csv(row()))
    make_sheet(district=six.root, month=MARCH, by=six.people["clerk"], at=NOW)
    with pytest.raises(Locked):
        withdraw_ledger(batch=LedgerBatch.objects.get(), by=six.people["clerk"], at=NOW)


def test_a_clawback_takes_the_price_that_the_sealed_sheet_paid(six: District) -> None:
    people = six.people
    load(six, as_csv(*[row(mark=f"n{n}") for n in range(60)]))
    sheet = make_sheet(district=six.root, month=MARCH, by=people["clerk"], at=NOW)
    audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    approve_sheet(sheet=sheet, by=people["head"], at=NOW)
    april = date(2026, 4, 1)
    publish(six, april)
    load(six, as_csv(row(mark="n1", left_on="2026-04-20"), row(mark="n2")), april)
    entered = DealerReturn.objects.get(month=april, dealer=Dealer.objects.get(code="hongda"))
    assert entered.clawbacks == [[1, "25"]]  # 20 at joining and 5 of the tier of 50


def test_the_page_loads_a_file_and_shows_the_run(six: District, signed_in: Any) -> None:
    client = signed_in("test-clerk")
    answer = client.post(
        "/commissions/ledger/",
        {"month": "2026-03", "file": SimpleUploadedFile("三月.csv", as_csv(row()))},
    )
    run = Run.objects.get(kind="ledger")
    assert answer["Location"] == f"/runs/{run.pk}/"
    runs.drain()
    page = client.get("/commissions/ledger/").content.decode()
    assert "三月.csv" in page
    refused = client.post("/commissions/ledger/", {"month": "2026-03"})
    assert refused.status_code == 422


def test_who_was_charged_for_low_quality_is_not_charged_again(six: District) -> None:
    people = six.people
    rows = [row(mark=f"n{n}", is_low_quality=int(n < 20)) for n in range(60)]
    load(six, as_csv(*rows))  # a third of low quality: all of the 25 yuan of each is taken back
    sheet = make_sheet(district=six.root, month=MARCH, by=people["clerk"], at=NOW)
    audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    approve_sheet(sheet=sheet, by=people["head"], at=NOW)
    april = date(2026, 4, 1)
    publish(six, april)
    load(six, as_csv(*[row(mark=mark, left_on="2026-04-20") for mark in ("n1", "n30")]), april)
    entered = DealerReturn.objects.get(month=april, dealer=Dealer.objects.get(code="hongda"))
    assert entered.clawbacks == [[1, "25"]]  # of n30; n1 has paid it back
