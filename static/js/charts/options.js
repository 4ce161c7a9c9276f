/* What ECharts is told for each kind of chart; `data` is targets.charts.Chart.drawn. */
import { between, columnNames } from "./labels.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const LOOKS = {
  actual: "--accent",
  own: "--accent",
  forecast: "--accent-mute",
  bonus: "--accent-mute",
  plan: "--line-2",
  other: "--ink-3",
  good: "--good",
  warn: "--warn-shape",
  bad: "--bad",
};
const SHADES = { good: "--good-soft", warn: "--warn-soft", bad: "--bad-soft", own: "--accent-soft" };
const MAX_LABEL = 84;
const NARROW = 480; // pixels
const NOTES = 104; // the column of what is said of each bar

const colour = (look) => token(LOOKS[look] ?? LOOKS.other);
const words = (size = 12, ink = "--ink-3") => ({ color: token(ink), fontSize: size, fontFamily: token("--font") });

const categories = (labels, more = {}) => ({
  type: "category",
  data: labels,
  axisLine: { lineStyle: { color: token("--line-2") } },
  axisTick: { show: false },
  axisLabel: { ...words(), hideOverlap: true, ...more },
});

const figures = (data) => ({
  type: "value",
  scale: !data.from_zero,
  inverse: data.is_ranking,
  ...(data.is_ranking ? { min: 1, minInterval: 1 } : {}),
  splitNumber: 4,
  splitLine: { lineStyle: { color: token("--line") } },
  axisLabel: words(),
});

const mark = (data) =>
  data.mark && {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: token("--ink"), width: 1, type: "solid" },
    data: [{ xAxis: data.mark }],
  };

function line(series, data, isLast) {
  const look = series.look;
  const width = look === "actual" || look === "own" ? 2.25 : 1.5;
  return {
    type: "line",
    name: series.name,
    data: series.numbers,
    connectNulls: false,
    symbol: "circle",
    symbolSize: data.labels.length > 15 ? 0 : 5,
    showSymbol: true,
    itemStyle: { color: colour(look) },
    lineStyle: { color: colour(look), width, type: look === "forecast" ? "dashed" : "solid" },
    endLabel: data.series.length < 4 ? { show: true, formatter: "{a}", ...words(12, "--ink-2") } : undefined,
    labelLayout: { moveOverlap: "shiftY" },
    markLine: isLast ? mark(data) : undefined,
    z: width > 2 ? 3 : 2,
  };
}

const bar = (series, data, more = {}) => ({
  type: "bar",
  name: series.name,
  data: series.numbers.map((number, at) => ({
    value: data.notes.length ? (number ?? 0) : number, // or what a gap says would not be drawn
    itemStyle: data.lead ? { color: colour(data.labels[at] === data.lead ? "own" : "other") } : undefined,
  })),
  itemStyle: { color: colour(series.look) },
  barMaxWidth: 28,
  barGap: "10%",
  ...more,
});

const LAMPS = { good: "●", warn: "▲", bad: "■" };

const valueLabels = (series, data, position) => ({
  show: true,
  position,
  formatter: ({ dataIndex }) => {
    const look = data.shades[data.series.indexOf(series)]?.[dataIndex];
    const lamp = look && `{${look}|${LAMPS[look]}}`;
    const figure = [series.texts[dataIndex], lamp].filter(Boolean).join(" ");
    return [figure, data.notes[dataIndex]].filter(Boolean).join(between(series.texts, data.notes, NOTES));
  },
  lineHeight: 14,
  rich: Object.fromEntries(Object.keys(LAMPS).map((look) => [look, { color: colour(look), fontSize: 12 }])),
  ...words(12, "--ink-2"),
});

function waterfall(data, width) {
  const isNarrow = width < NARROW;
  const [series] = data.series;
  let sum = 0;
  const steps = series.numbers.map((number, at) => {
    const isTotal = data.totals.includes(data.labels[at]);
    const from = isTotal ? null : sum;
    sum = isTotal ? (number ?? 0) : sum + (number ?? 0);
    return { from, to: sum, isTotal, number };
  });
  const reach = steps.flatMap(({ from, to }) => [from ?? to, to]);
  const [low, high] = [Math.min(...reach), Math.max(...reach)];
  // A cut axis leaves the totals a foot to stand on.
  const cut = low - (high - low) / 4;
  const ground = data.from_zero || low === high ? Math.min(0, low) : low < 0 ? cut : Math.max(0, cut);
  // On a phone the steps lie one below the other, or their names would not fit.
  const drawStep = ({ dataIndex }, api) => {
    const { from, to, isTotal, number } = steps[dataIndex];
    const point = (value) => api.coord(isNarrow ? [value, dataIndex] : [dataIndex, value]);
    const [[x, y], [toX, toY]] = [point(from ?? ground), point(to)];
    const band = api.size([1, 1])[isNarrow ? 1 : 0];
    const wide = Math.min(band * 0.6, 48);
    const fill = isTotal ? colour("actual") : colour(number < 0 ? "bad" : "good");
    const shape = isNarrow
      ? { x: Math.min(x, toX), y: y - wide / 2, width: Math.max(Math.abs(toX - x), 1), height: wide }
      : { x: x - wide / 2, y: Math.min(y, toY), width: wide, height: Math.max(Math.abs(toY - y), 1) };
    const place = isNarrow
      ? { x: Math.max(x, toX) + 4, y, align: "left", verticalAlign: "middle" }
      : { x, y: shape.y - 4, align: "center", verticalAlign: "bottom" };
    const text = (isTotal || number <= 0 ? "" : "+") + series.texts[dataIndex];
    return {
      type: "group",
      children: [
        { type: "rect", shape, style: { fill } },
        { type: "text", style: { ...place, text, fill: token("--ink-2"), font: `12px ${token("--font")}` } },
      ],
    };
  };
  const room = isNarrow ? { width: MAX_LABEL, overflow: "truncate" } : { width: (width - 72) / steps.length - 4, overflow: "break", lineHeight: 14 };
  const names = { ...categories(data.labels, { interval: 0, hideOverlap: false, ...room }), inverse: isNarrow };
  const values = { ...figures(data), min: ground, axisLabel: { ...words(), showMinLabel: data.from_zero, hideOverlap: true } };
  return {
    grid: { left: 8, right: isNarrow ? 56 : 12, top: 24, bottom: 8, containLabel: true },
    xAxis: isNarrow ? values : names,
    yAxis: isNarrow ? names : values,
    series: [{ type: "custom", renderItem: drawStep, data: steps.map(({ to }, at) => (isNarrow ? [to, at] : [at, to])), clip: false }],
  };
}

function heat(data, width) {
  const names = data.series.map(({ name }) => name);
  const room = (count, side = 112) => (width - side) / count - (side < 112 ? 2 : 6);
  // Where a figure has no room in its column, what is fewer goes across.
  const isTurned = room(data.labels.length) < 34 && names.length < data.labels.length;
  const [across, down] = isTurned ? [names, data.labels] : [data.labels, names];
  const cells = data.series.flatMap((series, row) =>
    series.numbers.map((number, column) => ({
      value: [...(isTurned ? [row, column] : [column, row]), number ?? 0],
      cell: [column, row],
      label: { formatter: series.texts[column] },
      itemStyle: { color: token(SHADES[data.shades[row]?.[column]] ?? "--surface") },
    })),
  );
  return {
    grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
    xAxis: { ...categories(across, { interval: 0, hideOverlap: false, ...columnNames(across, room(across.length, isTurned ? 64 : 112)) }), position: "top" },
    yAxis: { ...categories(down, { interval: 0, hideOverlap: false }), inverse: true },
    series: [
      {
        type: "heatmap",
        data: cells,
        label: { show: true, ...words(isTurned ? 11 : 12, "--ink") },
        itemStyle: { borderColor: token("--line"), borderWidth: 1 },
        emphasis: { disabled: true },
      },
    ],
  };
}

/* A frame of the race: the bars in their order, each with its name before it, which glide along. */
function race(data, frame, glides) {
  const series = data.series[frame];
  const order = data.labels.map((_label, at) => at).filter((at) => series.numbers[at] !== null);
  order.sort((a, b) => series.numbers[b] - series.numbers[a]);
  const most = Math.max(0, ...data.series.flatMap(({ numbers }) => numbers));
  const bars = (item) => order.map((at) => ({ id: data.labels[at], name: data.labels[at], ...item(at) }));
  const names = { show: true, position: "left", formatter: "{b}", width: MAX_LABEL, overflow: "truncate", ...words(12, "--ink-2") };
  return {
    animation: glides,
    animationDuration: 0,
    animationDurationUpdate: 600,
    grid: { left: MAX_LABEL + 12, right: 64, top: 8, bottom: 24 },
    xAxis: { ...figures(data), max: data.from_zero ? most : undefined, axisLabel: { ...words(), showMaxLabel: false } },
    yAxis: { ...categories(order.map((at) => data.labels[at])), inverse: true, axisLabel: { show: false } },
    series: [
      {
        type: "bar",
        barMaxWidth: 22,
        data: bars((at) => ({
          value: series.numbers[at],
          itemStyle: { color: colour(data.labels[at] === data.lead ? "own" : data.lead ? "other" : "actual") },
          label: { show: true, position: "right", formatter: series.texts[at], ...words(12, "--ink") },
        })),
      },
      { type: "bar", barMaxWidth: 22, barGap: "-100%", silent: true, data: bars(() => ({ value: 0, label: names })) },
    ],
  };
}

/** Return what is said of a frame: its name, who leads and with how much. */
export function said(data, frame) {
  const { name, numbers, texts } = data.series[frame];
  const first = numbers.reduce((best, number, at) => (number !== null && (best < 0 || number > numbers[best]) ? at : best), -1);
  return first < 0 ? name : `${name} · ${data.labels[first]} ${texts[first]}`;
}

/* What a lying bar is held against: a tick in its row. */
const ticks = (series) => ({
  type: "scatter",
  name: series.name,
  symbol: "rect",
  symbolSize: [2, 24],
  itemStyle: { color: token("--ink") },
  data: series.numbers.map((number, at) => (number === null ? null : [number, at])).filter(Boolean),
  silent: true,
  z: 4,
});

function axes(data, width) {
  const isNarrow = width < NARROW;
  const isLying = data.kind === "rows" || data.kind === "stacked";
  const drawn = data.series.map((series, at) => {
    if (isLying && series.line) return ticks(series);
    if (data.kind === "lines" || series.line) return line(series, data, at === 0);
    const lone = data.series.filter((each) => !each.line).length === 1 && data.kind !== "stacked";
    const more = data.kind === "stacked" ? { stack: "all" } : {};
    if (lone && (isLying || data.labels.length <= 8)) more.label = valueLabels(series, data, isLying ? "right" : "top");
    // Beside ticks the labels stand in a column of their own.
    if (lone && data.notes.length) more.labelLayout = () => ({ x: width - 4, align: "right", verticalAlign: "middle" });
    if (at === 0 && !isLying) more.markLine = mark(data) || undefined;
    return bar(series, data, more);
  });
  const names = categories(data.labels, isLying ? { width: 96, overflow: "truncate" } : {});
  return {
    legend: data.series.length > 3 || (data.kind !== "lines" && data.series.length > 1)
      ? { top: 0, left: 0, data: data.notes.length ? data.series.filter((each) => each.line).map(({ name }) => name) : undefined, itemWidth: 12, itemHeight: 8, textStyle: words(12, "--ink-2") }
      : undefined,
    xAxis: isLying ? figures(data) : names,
    yAxis: isLying ? { ...names, inverse: true } : figures(data),
    grid: {
      left: 8,
      right: isLying ? (data.notes.length ? NOTES : 48) : data.kind === "lines" && data.series.length < 4 ? (isNarrow ? 60 : 84) : 12,
      top: data.series.length > 1 && (data.kind !== "lines" || data.series.length > 3) ? 34 : 22,
      bottom: 8,
      containLabel: true,
    },
    series: drawn,
  };
}

/** Return ECharts' option for the chart, `width` pixels wide; of a race, of one of its frames. */
export function options(data, width, frame = data.series.length - 1, glides = false) {
  const tooltip = {
    trigger: data.kind === "heat" || data.kind === "waterfall" ? "item" : "axis",
    renderMode: "richText",
    confine: true,
    backgroundColor: token("--pop"),
    borderWidth: 0,
    textStyle: { color: token("--on-pop"), fontSize: 12, fontFamily: token("--font") },
    formatter: (points) => {
      const list = [points].flat();
      if (data.kind === "heat") {
        const [column, row] = list[0].data.cell;
        return `${data.series[row].name} · ${data.labels[column]}\n${data.series[row].texts[column]}`;
      }
      const at = list[0].dataIndex;
      const shown = data.kind === "waterfall" ? [data.series[0]] : data.series;
      return [data.labels[at], ...shown.map((series) => `${series.name}  ${series.texts[at]}`)].join("\n");
    },
  };
  if (data.kind === "race") return race(data, frame, glides);
  const drawn = data.kind === "heat" ? heat(data, width) : data.kind === "waterfall" ? waterfall(data, width) : axes(data, width);
  return {
    animation: false,
    textStyle: words(),
    grid: { left: 8, right: 12, top: 24, bottom: 8, containLabel: true },
    ...drawn,
    tooltip,
  };
}
