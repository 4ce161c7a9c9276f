"""Definition cards: drafts, checks, publication, what open months owe, versions, the page."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kpi.models import Month, MonthState
from orgchart import jobs
from orgchart.errors import Invalid, VersionConflict
from orgchart.models import AuditEntry
from targets.models import AnnualTarget, Definition, DefinitionState, Indicator, Term
from targets.rules.derivation import Part
from targets.services.definitions import (
    define_indicator,
    discard_definition,
    publish_definition,
    remove_indicator,
    save_definition,
)
from tests.district import District
from tests.kpi import users_path

AT = datetime(2026, 3, 20, 2, tzinfo=UTC)
TEXTS = {"definition_zh": "移动 + 固网 + 走访"}


def draft(district: District, code: str, *parts: Part, edits: int | None = None) -> Definition:
    return save_definition(
        indicator=district.indicators[code], texts=TEXTS, parts=parts, edits=edits,
        by=district.people["head"], at=AT,
    )  # fmt: skip


def publish(district: District, code: str, edits: int = 1, reason: str = "口径调整") -> Definition:
    return publish_definition(
        indicator=district.indicators[code], edits=edits, reason=reason,
        by=district.people["head"], at=AT,
    )  # fmt: skip


def terms(code: str) -> set[tuple[str, str, int]]:
    return {
        (term.source.code, term.side, term.sign * term.factor)
        for term in Term.objects.filter(indicator__code=code).select_related("source")
    }


def test_a_draft_changes_no_figure_until_it_is_published(district: District) -> None:
    before = terms("total_revenue")
    draft(district, "total_revenue", Part("mobile_revenue"))
    assert terms("total_revenue") == before
    assert Indicator.objects.get(code="total_revenue").card_version == 1

    publish(district, "total_revenue")
    assert terms("total_revenue") == {("mobile_revenue", "n", 1)}
    row = Indicator.objects.get(code="total_revenue")
    assert (row.card_version, row.definition_zh) == (2, TEXTS["definition_zh"])
    states = dict(Definition.objects.values_list("version", "state"))
    assert states == {1: DefinitionState.PAST, 2: DefinitionState.CURRENT}
    assert Definition.objects.get(version=1).parts == [
        {"source": "mobile_revenue", "side": "n", "coefficient": 1},
        {"source": "fixed_revenue", "side": "n", "coefficient": 1},
    ]


def test_open_months_are_owed_and_closed_ones_are_not(district: District) -> None:
    february = date(2026, 2, 1)
    Month.objects.create(district=district.root, month=february, state=MonthState.PUBLISHED)
    jobs.drain()
    draft(district, "total_revenue", Part("mobile_revenue"))
    publish(district, "total_revenue")
    owed = {month for kind, _district, month in jobs.pending() if kind == "rescore"}
    assert district.month.month in owed and february not in owed


def test_a_formula_over_a_sum_follows_it(district: District) -> None:
    users_path.add_indicators(district)
    draft(district, "lost_users", Part("total_revenue"), Part("channel_visits"))
    publish(district, "lost_users")
    draft(district, "total_revenue", Part("mobile_revenue", "n", 3))
    publish(district, "total_revenue")
    assert terms("lost_users") == {("mobile_revenue", "n", 3), ("channel_visits", "n", 1)}


@pytest.mark.parametrize(
    ("code", "parts", "pointer", "said"),
    [
        ("total_revenue", [Part("channel_visits"), Part("effective_rate")], "/parts/1/source",
         "比率"),
        ("total_revenue", [Part("total_revenue")], "/parts/0/source", "总收入 → 总收入"),
        ("total_revenue", [Part("nothing")], "/parts/0/source", "nothing"),
        ("total_revenue", [Part("average_users")], "/parts/0/source", "除数"),
        ("total_revenue", [Part("mobile_revenue")] * 2, "/parts/1/source", "两次"),
        ("total_revenue", [], "/parts", "没有组成部分"),
        ("total_revenue", [Part("mobile_revenue"), Part("fixed_revenue", "d")], "/parts", "分母"),
        ("effective_rate", [Part("mobile_net_adds")], "/parts", "分母"),
    ],
)  # fmt: skip
def test_a_formula_that_gives_no_figure_is_refused_at_its_part(
    district: District, code: str, parts: list[Part], pointer: str, said: str
) -> None:
    users_path.add_indicators(district)
    with pytest.raises(Invalid) as refused:
        draft(district, code, *parts)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert said in refused.value.detail
    assert not Definition.objects.exists()


def test_a_circle_through_another_formula_is_refused(district: District) -> None:
    users_path.add_indicators(district)
    draft(district, "lost_users", Part("total_revenue"))
    publish(district, "lost_users")
    with pytest.raises(Invalid, match="总收入 → lost_users → 总收入"):
        draft(district, "total_revenue", Part("lost_users"))


def test_two_who_write_the_same_draft_are_told(district: District) -> None:
    draft(district, "total_revenue", Part("mobile_revenue"))
    with pytest.raises(VersionConflict):
        draft(district, "total_revenue", Part("fixed_revenue"))
    second = draft(district, "total_revenue", Part("fixed_revenue"), edits=1)
    with pytest.raises(VersionConflict):
        publish(district, "total_revenue", edits=1)
    assert publish(district, "total_revenue", edits=second.edits).state == "current"


def test_publication_takes_a_reason_and_a_draft(district: District) -> None:
    with pytest.raises(Invalid, match="没有可发布"):
        publish(district, "total_revenue")
    draft(district, "total_revenue", Part("mobile_revenue"))
    with pytest.raises(Invalid) as refused:
        publish(district, "total_revenue", reason=" ")
    assert refused.value.faults[0].pointer == "/reason"


def test_a_discarded_draft_leaves_its_trail(district: District) -> None:
    draft(district, "total_revenue", Part("mobile_revenue"))
    discard_definition(
        indicator=district.indicators["total_revenue"], by=district.people["head"], at=AT
    )
    assert not Definition.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="definition.").order_by("pk")
    assert [row.action for row in actions] == ["definition.save", "definition.discard"]


def test_an_entered_indicator_has_texts_only(district: District) -> None:
    draft(district, "channel_visits", Part("mobile_revenue"))
    publish(district, "channel_visits")
    assert terms("channel_visits") == {("channel_visits", "n", 1)}


def _posted(parts: list[tuple[str, str, str]], **more: str) -> dict[str, str]:
    rows = parts + [("n", "", "")] * (8 - len(parts))
    given = {"definition_zh": "新口径", "parts-TOTAL_FORMS": "8", "parts-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        for name, value in zip(("side", "source", "coefficient"), row, strict=True):
            given[f"parts-{number}-{name}"] = value
    return given | more


def test_the_head_writes_and_publishes_in_the_browser(district: District, signed_in: Any) -> None:
    client = signed_in("test-head")
    edit = "/targets/indicators/total_revenue/draft/"
    assert 'value="mobile_revenue" selected' in client.get(edit).content.decode()
    refused = client.post(edit, _posted([("n", "effective_rate", "2"), ("n", "", "")]))
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "有效发展率是比率，不能作为组成部分。" in page and "新口径" in page
    assert client.post(edit, _posted([("n", "mobile_revenue", "")])).status_code == 302
    stale = client.post(edit, _posted([("n", "fixed_revenue", "")]))
    assert stale.status_code == 409 and "别人刚改过" in stale.content.decode()
    card = client.get("/targets/indicators/total_revenue/").content.decode()
    assert "草稿，第 2 版" in card and "移动业务开账收入 + 固网业务主营收入" in card
    done = client.post("/targets/indicators/total_revenue/publish/", {"edits": 1, "reason": "改"})
    assert done.status_code == 302
    card = client.get("/targets/indicators/total_revenue/").content.decode()
    assert "第 2 版已生效" in card and "已被替代" in card and "草稿，第" not in card


def test_a_draft_is_the_heads_business(district: District, signed_in: Any) -> None:
    draft(district, "total_revenue", Part("mobile_revenue"))
    page = signed_in("test-staff").get("/targets/indicators/total_revenue/").content.decode()
    assert "草稿" not in page
    assert signed_in("test-clerk").post("/targets/indicators/total_revenue/publish/").status_code \
        == 403  # fmt: skip


def _mould(district: District, code: str, **more: Any) -> Indicator:
    given = {"name_zh": "固网 ARPU", "measure_zh": "元", "decimals": 2, "rollup": "ratio"}
    return Indicator(district=district.root, code=code, **given | more)


def _define(district: District, code: str, *parts: Part, **more: Any) -> Indicator:
    return define_indicator(
        indicator=_mould(district, code, **more), texts=TEXTS, parts=parts,
        by=district.people["head"], at=AT,
    )  # fmt: skip


def test_a_defined_ratio_is_there_with_its_card_and_expands_to_entered_figures(
    district: District,
) -> None:
    made = _define(
        district, "arpu_all", Part("total_revenue", "n", 10_000), Part("mobile_gross_adds", "d")
    )
    assert terms("arpu_all") == {
        ("mobile_revenue", "n", 10_000), ("fixed_revenue", "n", 10_000),
        ("mobile_gross_adds", "d", 1),
    }  # fmt: skip
    assert (made.is_derived, made.entry, made.card_version) == (True, "", 1)
    draft(district, "total_revenue", Part("mobile_revenue"))
    publish(district, "total_revenue")  # what it is made of changes, and it follows
    assert terms("arpu_all") == {
        ("mobile_revenue", "n", 10_000), ("mobile_gross_adds", "d", 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "rollup", "parts", "pointer"),
    [
        ("total_revenue", "sum", [Part("mobile_revenue")], "/code"),
        ("new_ratio", "ratio", [Part("mobile_revenue")], "/parts"),
        ("new_sum", "sum", [Part("effective_rate")], "/parts/0/source"),
        ("new_sum", "sum", [Part("new_sum")], "/parts/0/source"),
    ],
)
def test_what_makes_no_indicator_is_refused_and_nothing_is_left(
    district: District, code: str, rollup: str, parts: list[Part], pointer: str
) -> None:
    count = Indicator.objects.count()
    with pytest.raises(Invalid) as refused:
        _define(district, code, *parts, rollup=rollup)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert Indicator.objects.count() == count


def test_only_a_derived_indicator_that_nothing_uses_is_removed(district: District) -> None:
    made = _define(district, "both", Part("mobile_revenue"), Part("channel_visits"), rollup="sum")
    over = _define(district, "above", Part("both"), rollup="sum")
    by = {"by": district.people["head"], "at": AT}
    with pytest.raises(Invalid, match="由它算出"):
        remove_indicator(indicator=made, **by)
    with pytest.raises(Invalid, match="填报"):
        remove_indicator(indicator=district.indicators["channel_visits"], **by)
    planned = _define(district, "planned", Part("mobile_revenue"), rollup="sum")
    AnnualTarget.objects.create(plan=district.plan, indicator=planned)
    with pytest.raises(Invalid, match="已用于计划或考核"):
        remove_indicator(indicator=planned, **by)
    remove_indicator(indicator=over, **by)
    remove_indicator(indicator=made, **by)
    assert not Indicator.objects.filter(code__in=["both", "above"]).exists()
    assert AuditEntry.objects.filter(action="definition.remove").count() == 2


def test_the_head_defines_a_ratio_in_the_browser(district: District, signed_in: Any) -> None:
    client = signed_in("test-head")
    given = _posted(
        [("n", "mobile_revenue", "10000"), ("d", "mobile_gross_adds", "")],
        code="revenue_per_user", name_zh="户均收入", measure_zh="元", rollup="ratio",
        direction="up", decimals="2",
    )  # fmt: skip
    faulty = client.post("/targets/indicators/new/", given | {"decimals": "3", "code": "new"})
    assert faulty.status_code == 400
    assert "小数最多 2 位" in faulty.content.decode() and "户均收入" in faulty.content.decode()
    taken = client.post("/targets/indicators/new/", given | {"code": "effective_rate"})
    assert taken.status_code == 400 and "已有指标 effective_rate" in taken.content.decode()
    assert client.post("/targets/indicators/new/", given).status_code == 302
    card = client.get("/targets/indicators/revenue_per_user/").content.decode()
    assert "移动业务开账收入 × 10,000 ÷ 移动用户发展" in card
    assert client.post("/targets/indicators/revenue_per_user/remove/").status_code == 302
    assert client.get("/targets/indicators/revenue_per_user/").status_code == 404


def test_programs_define_rewrite_and_remove_an_indicator(
    district: District, signed_in: Any
) -> None:
    path = "/api/v1/indicators/"
    clerk, head = signed_in("test-clerk"), signed_in("test-head")

    def send(client: Any, place: str, body: Any, method: str = "post") -> Any:
        return getattr(client, method)(path + place, body, content_type="application/json")

    body = {
        "code": "new_revenue", "name_zh": "新增收入", "measure_zh": "万元", "decimals": 2,
        "direction": "down", "owner_zh": "综合内勤", "due_en": "the 3rd",
        "parts": [
            {"source": "total_revenue"}, {"source": "fixed_revenue", "coefficient": -1},
        ],
    }  # fmt: skip
    for change, pointer in (
        ({"code": "New"}, "/code"),
        ({"code": "total_revenue"}, "/code"),
        ({"decimals": 3}, "/decimals"),
        ({"is_percent": True}, "/is_percent"),
        ({"rollup": "ratio"}, "/parts"),
        ({"parts": []}, "/parts"),
        ({"parts": [{"source": "luck"}]}, "/parts/0/source"),
        ({"parts": [{"source": "total_revenue", "coefficient": 0}]}, "/parts/0/coefficient"),
    ):
        answer = send(clerk, "", body | change)
        assert answer.status_code == 400, change
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    made = send(clerk, "", body)
    assert made.status_code == 201, made.content
    card = made.json()
    assert terms("new_revenue") == {("mobile_revenue", "n", 1)}, "the difference expands"
    assert (card["parts"][1]["coefficient"], card["owner_zh"], card["version"]) == (
        -1, "综合内勤", 1,
    )  # fmt: skip
    assert send(clerk, "new_revenue/draft/", card | {"edits": None}, "put").status_code == 403
    written = send(head, "new_revenue/draft/", card | {"edits": None, "due_zh": "3日"}, "put")
    assert written.json()["versions"][0]["state"] == "draft"
    assert len(clerk.get(f"{path}new_revenue/").json()["versions"]) == 1, "drafts are the head's"
    stale = send(head, "new_revenue/draft/", card | {"edits": None}, "put")
    assert stale.status_code == 409
    done = send(head, "new_revenue/publish/", {"edits": 1, "reason": "定期限"}).json()
    assert (done["version"], done["due_zh"]) == (2, "3日")
    assert send(clerk, "new_revenue/", None, "delete").status_code == 204
    assert clerk.get(f"{path}new_revenue/").status_code == 404
