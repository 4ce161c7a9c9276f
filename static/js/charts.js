/* Draws the page's charts (components/chart.html) with ECharts, in the colours of the tokens. */
import { options } from "./charts/options.js";

let library = null;

function echarts() {
  library ??= import("../vendor/echarts.esm.min.js");
  return library;
}

const pictures = new Map(); // the picture's element → its chart

async function draw(figure) {
  const element = figure.querySelector("[data-chart-picture]");
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const { init } = await echarts();
  if (!element.isConnected) return;
  pictures.get(element)?.chart.dispose();
  element.style.height = `${element.dataset.height}px`;
  const chart = init(element, null, { renderer: "svg" });
  chart.setOption(options(data, element.clientWidth));
  pictures.set(element, { chart, data });
  const button = figure.querySelector("[data-chart-png]");
  button.hidden = false;
  figure.dataset.drawn = "";
}

function drawAll(root = document) {
  for (const figure of root.querySelectorAll("[data-chart]:not([data-drawn])")) draw(figure);
}

function redraw() {
  for (const [element, { chart, data }] of pictures) {
    if (!element.isConnected) {
      chart.dispose();
      pictures.delete(element);
      continue;
    }
    chart.resize();
    chart.setOption(options(data, element.clientWidth), { notMerge: true });
  }
}

/** Save the picture as a PNG twice its size, on the surface's colour. */
async function save(figure) {
  const element = figure.querySelector("[data-chart-picture]");
  const { init } = await echarts();
  const sheet = document.createElement("div");
  sheet.style.width = `${element.clientWidth}px`;
  sheet.style.height = `${element.dataset.height}px`;
  const { data } = pictures.get(element);
  const copy = init(sheet, null, { renderer: "canvas", width: element.clientWidth, height: Number(element.dataset.height) });
  copy.setOption({ ...options(data, element.clientWidth), backgroundColor: token("--surface") });
  const link = document.createElement("a");
  link.href = copy.getDataURL({ type: "png", pixelRatio: 2 });
  link.download = `${figure.dataset.chartName}.png`;
  link.click();
  copy.dispose();
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

document.addEventListener("click", (event) => {
  const figure = event.target.closest("[data-chart-png]")?.closest("[data-chart]");
  if (figure) save(figure);
});
document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
let pending = 0;
window.addEventListener("resize", () => {
  clearTimeout(pending);
  pending = setTimeout(redraw, 120);
});
drawAll();
