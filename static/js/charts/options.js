/* What ECharts is told for each kind of chart; `data` is targets.charts.Chart.drawn. */
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
    value: number,
    itemStyle: data.lead ? { color: colour(data.labels[at] === data.lead ? "own" : "other") } : undefined,
  })),
  itemStyle: { color: colour(series.look) },
  barMaxWidth: 28,
  barGap: "10%",
  ...more,
});

const valueLabels = (series, position) => ({
  show: true,
  position,
  formatter: ({ dataIndex }) => series.texts[dataIndex],
  ...words(12, "--ink-2"),
});

function waterfall(data, isNarrow) {
  const [series] = data.series;
  let sum = 0;
  const steps = series.numbers.map((number, at) => {
    const isTotal = data.totals.includes(data.labels[at]);
    const from = isTotal ? 0 : sum;
    sum = isTotal ? (number ?? 0) : sum + (number ?? 0);
    return { from, to: sum, isTotal, number };
  });
  const drawStep = (_params, api) => {
    const { from, to, isTotal, number } = steps[api.value(0)];
    const [x, top] = api.coord([api.value(0), Math.max(from, to)]);
    const bottom = api.coord([api.value(0), Math.min(from, to)])[1];
    const wide = Math.min(api.size([1, 0])[0] * 0.6, 48);
    const fill = isTotal ? colour("actual") : colour(number < 0 ? "bad" : "good");
    return {
      type: "group",
      children: [
        { type: "rect", shape: { x: x - wide / 2, y: top, width: wide, height: Math.max(bottom - top, 1) }, style: { fill } },
        { type: "text", style: { text: series.texts[api.value(0)], x, y: top - 4, align: "center", verticalAlign: "bottom", fill: token("--ink-2"), font: `12px ${token("--font")}` } },
      ],
    };
  };
  const reach = steps.flatMap(({ from, to }) => [from, to]);
  return {
    xAxis: categories(data.labels, { interval: 0, width: isNarrow ? 44 : MAX_LABEL, overflow: "break" }),
    yAxis: { ...figures(data), min: data.from_zero ? Math.min(0, ...reach) : undefined },
    series: [{ type: "custom", renderItem: drawStep, data: steps.map(({ to }, at) => [at, to]), clip: false }],
  };
}

function heat(data) {
  const cells = data.series.flatMap((series, row) =>
    series.numbers.map((number, column) => ({
      value: [column, row, number ?? 0],
      label: { formatter: series.texts[column] },
      itemStyle: { color: token(SHADES[data.shades[row]?.[column]] ?? "--surface") },
    })),
  );
  return {
    grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
    xAxis: { ...categories(data.labels, { interval: 0, width: 72, overflow: "truncate" }), position: "top" },
    yAxis: { ...categories(data.series.map(({ name }) => name)), inverse: true },
    series: [
      {
        type: "heatmap",
        data: cells,
        label: { show: true, ...words(12, "--ink") },
        itemStyle: { borderColor: token("--line"), borderWidth: 1 },
        emphasis: { disabled: true },
      },
    ],
  };
}

function race(data) {
  const frame = (series) => {
    const order = data.labels.map((_label, at) => at).filter((at) => series.numbers[at] !== null);
    order.sort((a, b) => series.numbers[b] - series.numbers[a]);
    return {
      title: { text: series.name, right: 8, bottom: 76, textStyle: { ...words(20, "--ink-3"), fontWeight: 600 } },
      yAxis: { data: order.map((at) => data.labels[at]) },
      series: [
        {
          data: order.map((at) => ({
            value: series.numbers[at],
            itemStyle: { color: colour(data.labels[at] === data.lead ? "own" : data.lead ? "other" : "actual") },
            label: { formatter: series.texts[at] },
          })),
        },
      ],
    };
  };
  return {
    baseOption: {
      animation: false,
      timeline: {
        axisType: "category",
        data: data.series.map(({ name }) => name),
        currentIndex: data.series.length - 1,
        playInterval: 1500,
        bottom: 0,
        left: 8,
        right: 8,
        label: words(),
        lineStyle: { color: token("--line-2") },
        itemStyle: { color: token("--control") },
        checkpointStyle: { color: token("--accent"), borderWidth: 0 },
        controlStyle: { color: token("--accent"), borderColor: token("--accent"), showPrevBtn: false, showNextBtn: false },
      },
      grid: { left: 8, right: 56, top: 8, bottom: 56, containLabel: true },
      xAxis: figures(data),
      yAxis: { ...categories([]), inverse: true },
      series: [{ type: "bar", barMaxWidth: 22, label: { show: true, position: "right", ...words(12, "--ink") } }],
    },
    options: data.series.map(frame),
  };
}

function axes(data, isNarrow) {
  const isLying = data.kind === "rows" || data.kind === "stacked";
  const drawn = data.series.map((series, at) => {
    if (data.kind === "lines" || series.line) return line(series, data, at === 0);
    const lone = data.series.length === 1 && data.kind !== "stacked";
    const more = data.kind === "stacked" ? { stack: "all" } : {};
    if (lone && (isLying || data.labels.length <= 8)) more.label = valueLabels(series, isLying ? "right" : "top");
    if (at === 0 && !isLying) more.markLine = mark(data) || undefined;
    return bar(series, data, more);
  });
  const names = categories(data.labels, isLying ? { width: 96, overflow: "truncate" } : {});
  return {
    legend: data.series.length > 3 || (data.kind !== "lines" && data.series.length > 1)
      ? { top: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: words(12, "--ink-2") }
      : undefined,
    xAxis: isLying ? figures(data) : names,
    yAxis: isLying ? { ...names, inverse: true } : figures(data),
    grid: {
      left: 8,
      right: isLying ? 48 : data.kind === "lines" && data.series.length < 4 ? (isNarrow ? 60 : 84) : 12,
      top: data.series.length > 1 && (data.kind !== "lines" || data.series.length > 3) ? 34 : 22,
      bottom: 8,
      containLabel: true,
    },
    series: drawn,
  };
}

/** Return ECharts' option for the chart, `width` pixels wide. */
export function options(data, width) {
  const isNarrow = width < 480;
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
        const [column, row] = list[0].value;
        return `${data.series[row].name} · ${data.labels[column]}\n${data.series[row].texts[column]}`;
      }
      const at = list[0].dataIndex;
      const shown = data.kind === "waterfall" ? [data.series[0]] : data.series;
      return [data.labels[at], ...shown.map((series) => `${series.name}  ${series.texts[at]}`)].join("\n");
    },
  };
  if (data.kind === "race") return race(data);
  const drawn = data.kind === "heat" ? heat(data) : data.kind === "waterfall" ? waterfall(data, isNarrow) : axes(data, isNarrow);
  return {
    animation: false,
    textStyle: words(),
    grid: { left: 8, right: 12, top: 24, bottom: 8, containLabel: true },
    ...drawn,
    tooltip,
  };
}
