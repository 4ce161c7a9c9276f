"""Goal 5: the leaderboard, beside a bare page of its rows and a bare 304."""

from collections import defaultdict
from statistics import median, quantiles

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from bench import district
from bench.measure import Row, Work, timings
from bench.rescoring import Scoring
from kpi.models import Score, ScoreLine
from kpi.services.scoring import rescore
from targets.months import month_text

ROUNDS = 201  # so that a p99 is not the one noisy moment
PAGE = """<!doctype html><title>bench</title><table>{% for score, lines in rows %}<tr>
<td>{{ score.rank }}</td><td>{{ score.unit.name }}</td><td>{{ score.total }}</td>
<td>{{ score.base }}</td><td>{{ score.bonus }}</td><td>{{ score.pending }}</td>
{% for line in lines %}<td>{{ line.points }}</td>{% endfor %}</tr>{% endfor %}</table>"""


def bare_page(request: HttpRequest) -> HttpResponse:
    """Show the units' scores and items in a plain table."""
    chosen = {"month": district.MONTH, "unit__district": request.actor.district}
    lines = defaultdict(list)
    for line in ScoreLine.objects.filter(**chosen):
        lines[line.unit_id].append(line)
    scores = Score.objects.filter(**chosen).select_related("unit")
    rows = [(score, lines[score.unit_id]) for score in scores]
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"rows": rows}, request))


def bare_304(request: HttpRequest) -> HttpResponse:
    """Answer that nothing has changed, without looking."""
    return HttpResponseNotModified()


def board(chosen: district.District, fewer: district.District) -> list[Row]:
    """Time the refreshing part of the leaderboard in districts of 40 and of six units."""
    rows, counts = [], []
    Scoring(()).clear()  # or SQLite reads a whole country's month for the bare page
    with override_settings(ROOT_URLCONF="bench.urls", SECURE_SSL_REDIRECT=False):
        for one, units in ((fewer, 6), (chosen, 40)):
            rescore(district_id=one.root.pk, month=district.MONTH)
            reader = Reader(one)
            rows += _timed(reader, units)
            cache.clear()
            with CaptureQueriesContext(connection) as asked:
                reader.get(reader.url, 200)
            counts.append(len(asked))
    return [
        *rows,
        Row("leaderboard of 40 units: statements at 6 units", counts[1], counts[0], 1, "stmts"),
    ]


class Reader:
    """The head of a district, who looks at its leaderboard."""

    def __init__(self, chosen: district.District) -> None:
        self.client = Client(headers={"host": "127.0.0.1"})
        self.client.force_login(chosen.head)
        self.url = reverse("leaderboard_board", kwargs={"month": month_text(district.MONTH)})
        self.tag = self.client.get(self.url)["ETag"]

    def get(self, path: str, status: int, **headers: str) -> None:
        response = self.client.get(path, headers=headers)
        if response.status_code != status:
            raise RuntimeError(f"{path} answered {response.status_code}, not {status}")


def _timed(reader: Reader, units: int) -> list[Row]:
    """First reader after a change, readers after that, and those who have it already.

    Ours and the bare one share the noise of the run, so p99 is held against p99.
    """
    taken = timings(
        [
            Work(lambda: reader.get(reader.url, 200), cache.clear),
            Work(lambda: reader.get(reader.url, 200)),
            Work(lambda: reader.get("/bench/page/", 200)),
            Work(lambda: reader.get(reader.url, 304, if_none_match=reader.tag)),
            Work(lambda: reader.get("/bench/304/", 304)),
        ],
        ROUNDS,
    )
    first, kept, page, unchanged, nothing = ([one.clock for one in times] for times in taken)
    rows = []
    for what, ours, beside, bare in (
        ("first after a change", first, "bare page", page),
        ("kept", kept, "bare page", page),
        ("unchanged", unchanged, "bare 304", nothing),
    ):
        rates = f"{1 / median(ours):,.0f} a second: {beside}, {1 / median(bare):,.0f}"
        name = f"leaderboard of {units} units, {what}"
        rows += [
            Row(f"{name}, {rates}", median(ours), median(bare), 2),
            Row(f"{name}, p99: {beside}'s", _late(ours), _late(bare), 2),
        ]
    return rows


def _late(times: list[float]) -> float:
    return quantiles(times, n=100)[98]
