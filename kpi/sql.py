"""Scoring on sets: a statement for the lines of a month, one for its totals and ranks.

The same text runs on PostgreSQL and SQLite, but for how figures are asked for (REPORTED).
Everything is an integer: amounts are ×10⁴, points come out as hundredths (half up) and are stored
×10⁴ as every amount is. kpi.rules.scoring is the definition; a property test holds these
statements to it. INSERT comes before WITH, or Python's sqlite3 counts no rows. Old SQLite has no
IS DISTINCT FROM, so nullable columns are compared through a number that no amount reaches.

Products stay inside 64 bits: amounts end at 10¹² (targets.amounts.LIMIT; sums and points beyond it
are left out), curves are made of small reduced integers (kpi.services.scorecards checks it).
"""

from collections.abc import Mapping

# A subquery with a limit is not merged into what reads it: its expressions are worked out once a
# row, not again wherever they are named.
ONCE = "LIMIT 9223372036854775807"


def case(of: str, numbers: Mapping[str, str], otherwise: str = "0") -> str:
    """Return SQL that maps a column's values to whole numbers."""
    if not numbers:
        return otherwise
    whens = " ".join(f"WHEN {value} THEN CAST({n} AS BIGINT)" for value, n in numbers.items())
    return f"CASE {of} {whens} ELSE {otherwise} END"


# The units that are scored, each by its card: {card} is a case over its id and its kind.
_SCORED = """
  SELECT u.id AS unit_id, {card} AS scorecard_id
  FROM orgchart_unit u
  WHERE u.district_id = %(district)s AND u.kind IN ({kinds}) AND u.opened_on <= %(last_day)s
    AND (u.closed_on IS NULL OR u.closed_on >= %(last_day)s)
"""

# Restricts them to a part of a large district.
SPAN = "AND u.id BETWEEN %(first)s AND %(last)s"

# Lines of items or units that are no longer scored.
STALE_LINES = f"""
DELETE FROM kpi_scoreline
WHERE month = %(month)s
  AND unit_id IN (SELECT id FROM orgchart_unit WHERE district_id = %(district)s)
  AND NOT EXISTS (
    SELECT 1 FROM ({_SCORED}) s
    JOIN kpi_scorecarditem i ON i.scorecard_id = s.scorecard_id
    WHERE s.unit_id = kpi_scoreline.unit_id AND i.id = kpi_scoreline.item_id
  )
"""

STALE_SCORES = """
DELETE FROM kpi_score
WHERE month = %(month)s
  AND unit_id IN (SELECT id FROM orgchart_unit WHERE district_id = %(district)s)
  AND NOT EXISTS (
    SELECT 1 FROM kpi_scoreline l
    WHERE l.month = kpi_score.month AND l.unit_id = kpi_score.unit_id
  )
"""

# A figure is reported when every cell is there that has a task in the dimension it is entered
# by: cells are bits of a number, for joining facts to facts takes as long as all the rest. The two
# texts say the same. PostgreSQL is quickest when it adds up a district's facts and joins the sums
# by hash. SQLite joins sums by an index that it makes or, where it expects few, by scanning them
# for each item (5 s instead of 0.1 s for 1 000 units), so it asks for an item's cells by their key,
# and for the tasks' cells only where some cell has no figure.
_REPORTED_BY_SUMS = """tasks AS (
  SELECT t.unit_id, t.indicator_id, CAST(SUM(t.value) AS BIGINT) AS value,
         CAST(SUM({cell}) AS BIGINT) AS cells
  FROM targets_task t
  WHERE t.month = %(month)s AND t.unit_id IN (SELECT unit_id FROM scored)
  GROUP BY t.unit_id, t.indicator_id
),
actuals AS (
  SELECT t.unit_id, t.indicator_id, CAST(SUM(t.value + t.adjustment) AS BIGINT) AS value,
         CAST(SUM(CASE WHEN t.value IS NULL THEN 0 ELSE {cell} END) AS BIGINT) AS cells,
         COUNT(*) - COUNT(t.value) AS missing
  FROM kpi_actual t
  WHERE t.month = %(month)s AND t.unit_id IN (SELECT unit_id FROM scored)
  GROUP BY t.unit_id, t.indicator_id
),
reported AS (
  SELECT u.unit_id, p.item_id, p.basis, p.weight, p.zero_target, p.is_plain, p.side,
         p.factor * t.value AS target,
         CASE WHEN a.missing = 0 AND COALESCE(t.cells, 0) & p.cells & ~a.cells = 0
           THEN p.factor * a.value END AS actual
  FROM scored u
  CROSS JOIN parts p
  LEFT JOIN tasks t ON t.unit_id = u.unit_id AND t.indicator_id = p.source_id
  LEFT JOIN actuals a ON a.unit_id = u.unit_id AND a.indicator_id = p.source_id
  WHERE p.scorecard_id = u.scorecard_id
),
"""
_REPORTED_BY_KEY = """reported AS (
  SELECT u.unit_id, p.item_id, p.basis, p.weight, p.zero_target, p.is_plain, p.side,
    p.factor * (
      SELECT SUM(t.value) FROM targets_task t
      WHERE t.month = %(month)s AND t.unit_id = u.unit_id AND t.indicator_id = p.source_id
    ) AS target,
    p.factor * (
      SELECT CASE WHEN COUNT(*) = COUNT(t.value) AND (
          p.cells & ~SUM({cell}) = 0 OR p.cells & ~SUM({cell}) & COALESCE((
            SELECT SUM({cell}) FROM targets_task t
            WHERE t.month = %(month)s AND t.unit_id = u.unit_id AND t.indicator_id = p.source_id
          ), 0) = 0
        ) THEN SUM(t.value + t.adjustment) END
      FROM kpi_actual t
      WHERE t.month = %(month)s AND t.unit_id = u.unit_id AND t.indicator_id = p.source_id
    ) AS actual
  FROM scored u CROSS JOIN parts p
  WHERE p.scorecard_id = u.scorecard_id
),
"""
REPORTED = {"postgresql": _REPORTED_BY_SUMS, "sqlite": _REPORTED_BY_KEY}

# The best figure of an item that is scored relative to it: asked for by these alone, for joining it
# to the lines of all items takes a sixth of the statement.
BEST = "(SELECT b.value FROM best b WHERE b.item_id = f.item_id)"

LINES = (
    """
INSERT INTO kpi_scoreline
  (month, unit_id, item_id, state, target, actual, basis_n, basis_d, points)
WITH scored AS ("""
    + _SCORED
    + """  {span}),
-- What the items are made of: one row per term, with the cells the term's figure is entered by.
parts AS (
  SELECT i.scorecard_id, i.id AS item_id, i.basis, i.weight, s.zero_target,
         e.source_id, e.side, e.sign * e.factor AS factor, {cells} AS cells,
         CASE WHEN e.side = 'n' AND COUNT(*) OVER (PARTITION BY i.id) = 1 THEN 1 ELSE 0 END
           AS is_plain
  FROM kpi_scorecarditem i
  JOIN kpi_scorecard s ON s.id = i.scorecard_id
  JOIN targets_term e ON e.indicator_id = i.indicator_id
  JOIN targets_indicator n ON n.id = e.source_id
  WHERE i.scorecard_id IN ({cards}) AND i.basis <> 'events'
),
{reported}-- Sums and ratios: an indicator is its terms; what lacks one of them is not reported.
summed AS (
  SELECT unit_id, item_id, basis, weight, zero_target, target, actual,
         CAST(NULL AS BIGINT) AS divisor
  FROM reported WHERE is_plain = 1
  UNION ALL
  SELECT unit_id, item_id, basis, weight, zero_target,
    CASE WHEN COUNT(*) = COUNT(target) AND MIN(side) = 'n'
      THEN CAST(SUM(target) AS BIGINT) END,
    CASE WHEN COUNT(*) = COUNT(actual)
      THEN CAST(SUM(CASE WHEN side = 'n' THEN actual ELSE 0 END) AS BIGINT) END,
    CASE WHEN COUNT(*) = COUNT(actual) AND MIN(side) = 'd'
      THEN CAST(SUM(CASE WHEN side = 'd' THEN actual ELSE 0 END) AS BIGINT) END
  FROM reported WHERE is_plain = 0
  GROUP BY unit_id, item_id, basis, weight, zero_target
),
-- What is beyond all amounts is not scored (points neither, below), lest a product leave 64 bits.
-- Ratios are only compared.
figures AS (
  SELECT unit_id, item_id, basis, weight, zero_target, divisor,
    CASE WHEN ABS(target) <= {limit} THEN target END AS target,
    CASE WHEN ABS(COALESCE(divisor, 0)) <= {limit}
           AND ABS(actual) <= CASE WHEN divisor IS NULL THEN {limit} ELSE 100 * {limit} END
      THEN actual END AS actual
  FROM summed
),
best AS (
  SELECT item_id, MAX(actual) AS value FROM figures WHERE basis = 'relative' GROUP BY item_id
),
events AS (
  SELECT u.unit_id, i.id AS item_id, i.weight, s.zero_target,
         CAST(COALESCE(SUM(v.count * r.per), 0) AS BIGINT) AS points,
         CAST(COALESCE(SUM(CASE WHEN r.id IS NOT NULL THEN v.count END), 0) AS BIGINT) AS happened
  FROM scored u
  JOIN kpi_scorecard s ON s.id = u.scorecard_id
  JOIN kpi_scorecarditem i ON i.scorecard_id = s.id AND i.basis = 'events'
  LEFT JOIN kpi_event v ON v.month = %(month)s AND v.unit_id = u.unit_id AND v.voided_at IS NULL
  LEFT JOIN kpi_eventrate r ON r.item_id = i.id AND r.kind = v.kind
  GROUP BY u.unit_id, i.id, i.weight, s.zero_target
),
-- x = n / d; a d of 0 is infinity.
placed AS (
  SELECT f.unit_id, f.item_id, f.weight, f.zero_target, f.target,
    CASE WHEN f.divisor IS NULL THEN f.actual END AS actual,
    CASE
      WHEN f.basis IN ('completion', 'inverse', 'inverse_linear') AND f.target IS NULL
        THEN 'no_target'
      WHEN f.basis IN ('completion', 'inverse', 'inverse_linear') AND f.target = 0 THEN 'exempt'
      WHEN f.actual IS NULL THEN 'pending'
      WHEN f.divisor = 0 THEN 'exempt'  -- a ratio over zero does not exist
      ELSE 'scored'
    END AS state,
    CASE f.basis
      WHEN 'completion' THEN f.actual - f.target + ABS(f.target)
      WHEN 'inverse_linear' THEN ABS(f.target) - f.actual + f.target
      WHEN 'inverse' THEN CASE WHEN f.target < 0 THEN -f.actual
                               WHEN f.actual <= 0 THEN 1 ELSE f.target END
      WHEN 'relative' THEN CASE WHEN {best} > 0 THEN f.actual ELSE 0 END
      ELSE CASE WHEN f.divisor < 0 THEN -f.actual ELSE f.actual END
    END AS n,
    CASE f.basis
      WHEN 'completion' THEN ABS(f.target)
      WHEN 'inverse_linear' THEN ABS(f.target)
      WHEN 'inverse' THEN CASE WHEN f.target < 0 THEN -f.target
                               WHEN f.actual <= 0 THEN 0 ELSE f.actual END
      WHEN 'relative' THEN CASE WHEN {best} > 0 THEN {best} ELSE 1 END
      ELSE CASE WHEN f.divisor IS NULL THEN 10000 ELSE ABS(f.divisor) END
    END AS d
  FROM figures f
  UNION ALL
  SELECT unit_id, item_id, weight, zero_target, NULL, happened * 10000, 'scored', points, 10000
  FROM events
),
evaluated AS (
  SELECT p.unit_id, p.item_id, p.target, p.actual,
    CASE WHEN p.state = 'exempt' AND p.zero_target <> 'spread' THEN 'scored'
         WHEN p.state = 'pending' AND %(zero_missing)s = 1 THEN 'zeroed'
         ELSE p.state END AS state,
    CASE WHEN p.state = 'scored' THEN p.n END AS n,
    CASE WHEN p.state = 'scored' THEN p.d END AS d,
    CASE
      WHEN p.state = 'exempt' AND p.zero_target = 'full' THEN (p.weight + 50) / 100 * 100
      WHEN p.state = 'exempt' AND p.zero_target = 'zero' THEN 0
      WHEN p.state = 'pending' AND %(zero_missing)s = 1 THEN 0
      WHEN p.state = 'scored' AND p.d = 0
        THEN (s.intercept * 200 + s.denominator) / (2 * s.denominator) * 100
      WHEN p.state = 'scored'
        THEN ((s.intercept * p.d + s.slope * p.n) * 200 + s.denominator * p.d)
          / (2 * s.denominator * p.d) * 100
    END AS points
  FROM placed p
  LEFT JOIN kpi_curvesegment s ON s.item_id = p.item_id AND p.state = 'scored'
    AND (s.start IS NULL OR p.d = 0 OR p.n * 10000 >= s.start * p.d)
    AND (s.until IS NULL OR (p.d <> 0 AND p.n * 10000 < s.until * p.d))
  {once}
),
bounded AS (
  SELECT unit_id, item_id, target, actual, n, d,
    CASE WHEN points > {limit} THEN 'pending' ELSE state END AS state,
    CASE WHEN points <= {limit} THEN points END AS points
  FROM evaluated
)
SELECT %(month)s, e.unit_id, e.item_id, e.state, e.target, e.actual, e.n, e.d, e.points
FROM bounded e
{changed}"""
)

# Where a month has lines, only what differs is written: a conflict that changes nothing would still
# lock its row. To look for them in a month without any takes a fifth of the statement.
CHANGED = """LEFT JOIN kpi_scoreline l
  ON l.month = %(month)s AND l.unit_id = e.unit_id AND l.item_id = e.item_id
WHERE l.unit_id IS NULL OR l.state <> e.state
  OR COALESCE(l.target, {never}) <> COALESCE(e.target, {never})
  OR COALESCE(l.actual, {never}) <> COALESCE(e.actual, {never})
  OR COALESCE(l.basis_n, {never}) <> COALESCE(e.n, {never})
  OR COALESCE(l.basis_d, {never}) <> COALESCE(e.d, {never})
  OR COALESCE(l.points, {never}) <> COALESCE(e.points, {never})
ON CONFLICT (month, unit_id, item_id) DO UPDATE SET
  state = excluded.state, target = excluded.target, actual = excluded.actual,
  basis_n = excluded.basis_n, basis_d = excluded.basis_d, points = excluded.points
"""

# The rate of an item that parts equal totals: x itself, the points where x is no rate. Equal
# fractions are equal as doubles too; what has none comes last.
_TIE_BREAK = """COALESCE(MAX(CASE WHEN i.tie_break = {n} THEN
      CASE WHEN i.basis IN ('actual', 'events') THEN CAST(l.points AS DOUBLE PRECISION)
           WHEN l.basis_d = 0 THEN 1e300
           ELSE CAST(l.basis_n AS DOUBLE PRECISION) / l.basis_d END END), -1e300) AS tie{n}"""
TIE_BREAKS = ",\n    ".join(_TIE_BREAK.format(n=n) for n in (1, 2, 3))

# CROSS JOIN: SQLite begins with the district's units, not with all lines and events of the month.
TOTALS = """
INSERT INTO kpi_score
  (month, unit_id, scorecard_id, applicable_weight, unspread, base, bonus, total, rank,
   pending, is_vetoed, is_award_vetoed)
WITH sums AS (
  SELECT u.id AS unit_id, MAX(i.scorecard_id) AS scorecard_id,
    CAST(SUM(CASE WHEN i.role = 'item' THEN i.weight ELSE 0 END) AS BIGINT) AS whole,
    CAST(SUM(CASE WHEN i.role = 'item' AND l.state <> 'exempt' THEN i.weight ELSE 0 END)
      AS BIGINT) AS applicable,
    CAST(SUM(CASE WHEN i.role = 'item' THEN COALESCE(l.points, 0) ELSE 0 END) AS BIGINT)
      AS unspread,
    CAST(SUM(CASE WHEN i.role = 'bonus' THEN COALESCE(l.points, 0) ELSE 0 END) AS BIGINT)
      AS bonus,
    SUM(CASE WHEN l.state IN ('pending', 'no_target') THEN 1 ELSE 0 END) AS pending,
    {tie_breaks}
  FROM (SELECT id FROM orgchart_unit WHERE district_id = %(district)s {once}) u
  CROSS JOIN kpi_scoreline l
  CROSS JOIN kpi_scorecarditem i
  WHERE l.month = %(month)s AND l.unit_id = u.id AND i.id = l.item_id
  GROUP BY u.id
),
vetoes AS (
  SELECT v.unit_id,
    SUM(CASE WHEN v.kind = 'veto' THEN 1 ELSE 0 END) AS zeroing,
    SUM(CASE WHEN v.kind = 'award_veto' THEN 1 ELSE 0 END) AS barring
  FROM orgchart_unit u
  CROSS JOIN kpi_event v
  WHERE u.district_id = %(district)s
    AND v.month = %(month)s AND v.unit_id = u.id AND v.voided_at IS NULL
  GROUP BY v.unit_id
),
-- The weight of exempt items is spread over the others, half up to hundredths.
bases AS (
  SELECT s.*, COALESCE(v.zeroing, 0) AS zeroing, COALESCE(v.barring, 0) AS barring,
    CASE WHEN s.applicable > 0
      THEN (2 * (s.unspread / 100) * s.whole + s.applicable) / (2 * s.applicable) * 100
    END AS base
  FROM sums s LEFT JOIN vetoes v ON v.unit_id = s.unit_id
),
totals AS (
  SELECT b.*, CASE WHEN b.pending = 0 AND b.applicable > 0
    THEN CASE WHEN b.zeroing > 0 THEN 0 ELSE b.base + b.bonus END END AS total
  FROM bases b
)
SELECT %(month)s, unit_id, scorecard_id, applicable, unspread, base, bonus, total,
  CASE WHEN total IS NOT NULL THEN RANK() OVER (
    PARTITION BY CASE WHEN total IS NULL THEN 1 ELSE 0 END
    ORDER BY CASE WHEN zeroing > 0 THEN 1 ELSE 0 END, total DESC, tie1 DESC, tie2 DESC, tie3 DESC
  ) END,
  pending, zeroing > 0, zeroing + barring > 0
FROM totals WHERE TRUE
ON CONFLICT (month, unit_id) DO UPDATE SET
  scorecard_id = excluded.scorecard_id, applicable_weight = excluded.applicable_weight,
  unspread = excluded.unspread, base = excluded.base, bonus = excluded.bonus,
  total = excluded.total, rank = excluded.rank, pending = excluded.pending,
  is_vetoed = excluded.is_vetoed, is_award_vetoed = excluded.is_award_vetoed
WHERE kpi_score.scorecard_id <> excluded.scorecard_id
  OR kpi_score.applicable_weight <> excluded.applicable_weight
  OR kpi_score.pending <> excluded.pending
  OR kpi_score.is_vetoed <> excluded.is_vetoed
  OR kpi_score.is_award_vetoed <> excluded.is_award_vetoed
  OR COALESCE(kpi_score.unspread, {never}) <> COALESCE(excluded.unspread, {never})
  OR COALESCE(kpi_score.base, {never}) <> COALESCE(excluded.base, {never})
  OR COALESCE(kpi_score.bonus, {never}) <> COALESCE(excluded.bonus, {never})
  OR COALESCE(kpi_score.total, {never}) <> COALESCE(excluded.total, {never})
  OR COALESCE(kpi_score.rank, {never}) <> COALESCE(excluded.rank, {never})
"""
