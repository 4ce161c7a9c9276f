/* Draws the page's charts (components/chart.html) with ECharts, in the colours of the tokens. */
import { options, said } from "./charts/options.js";

let library = null;

function echarts() {
  library ??= import("../vendor/echarts.esm.min.js");
  return library;
}

const FRAME_MS = 1500;
const pictures = new Map(); // the picture's element → its chart, data, and the frame of a race
const pictureOf = (figure) => pictures.get(figure.querySelector("[data-chart-picture]"));
const glides = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

async function draw(figure) {
  const element = figure.querySelector("[data-chart-picture]");
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const { init } = await echarts();
  if (!element.isConnected) return;
  forget(element);
  element.style.height = `${element.dataset.height}px`;
  const chart = init(element, null, { renderer: "svg" });
  chart.setOption(options(data, element.clientWidth));
  pictures.set(element, { chart, data, frame: data.series.length - 1, timer: 0 });
  // A cell opens what its figure in the table opens.
  chart.on("click", ({ data: drawn }) => {
    if (data.kind === "heat") figure.querySelector(`[data-cell="${drawn.cell[1]}-${drawn.cell[0]}"]`)?.click();
  });
  if (data.kind === "race") show(figure, data.series.length - 1);
  const button = figure.querySelector("[data-chart-png]");
  button.hidden = false;
  figure.dataset.drawn = "";
}

function forget(element) {
  const picture = pictures.get(element);
  if (!picture) return;
  clearInterval(picture.timer);
  picture.chart.dispose();
  pictures.delete(element);
}

/** Show a frame of a race and say it. */
function show(figure, frame) {
  const picture = pictureOf(figure);
  const { chart, data } = picture;
  picture.frame = frame;
  chart.setOption(options(data, chart.getWidth(), frame, glides()));
  const controls = figure.querySelector("[data-race]");
  controls.hidden = data.series.length < 2;
  controls.querySelector("[data-race-now]").textContent = said(data, frame);
  controls.querySelector('[data-race-step="-1"]').disabled = frame === 0;
  controls.querySelector('[data-race-step="1"]').disabled = frame === data.series.length - 1;
}

function pause(figure) {
  const picture = pictureOf(figure);
  clearInterval(picture.timer);
  picture.timer = 0;
  for (const word of figure.querySelectorAll("[data-race-play] span")) word.hidden = "playing" in word.dataset;
}

/** Play a race from its frame, from its first where it is at its end. */
function play(figure) {
  const picture = pictureOf(figure);
  const last = picture.data.series.length - 1;
  if (picture.frame === last) show(figure, 0);
  picture.timer = setInterval(() => {
    if (!figure.isConnected) return forget(figure.querySelector("[data-chart-picture]"));
    show(figure, picture.frame + 1);
    if (picture.frame === last) pause(figure);
  }, FRAME_MS);
  for (const word of figure.querySelectorAll("[data-race-play] span")) word.hidden = !("playing" in word.dataset);
}

function drawAll(root = document) {
  for (const figure of root.querySelectorAll("[data-chart]:not([data-drawn])")) draw(figure);
}

function redraw() {
  for (const [element, { chart, data, frame }] of pictures) {
    if (!element.isConnected) {
      forget(element);
      continue;
    }
    chart.resize();
    chart.setOption(options(data, element.clientWidth, frame), { notMerge: true });
  }
}

/** Save the picture as a PNG twice its size: its title, what it says, and whose it is. */
async function save(figure) {
  const element = figure.querySelector("[data-chart-picture]");
  const { init } = await echarts();
  const [width, height] = [element.clientWidth, Number(element.dataset.height)];
  const { data, frame } = pictures.get(element);
  const copy = init(document.createElement("div"), null, { renderer: "canvas", width, height });
  copy.setOption(options(data, width, frame));
  const told = data.kind === "race" ? said(data, frame) : figure.querySelector(".ui-plot__sentence").textContent;
  const link = document.createElement("a");
  const heading = data.unit ? `${data.title}  ${data.unit}` : data.title;
  link.href = poster(copy.renderToCanvas({ pixelRatio: 2 }), width, height, heading, told).toDataURL("image/png");
  link.download = `${figure.dataset.chartName}.png`;
  link.click();
  copy.dispose();
}

/** Return the picture on the surface's colour under its heading and its sentence. */
function poster(picture, width, height, heading, told) {
  const [margin, step] = [16, 20];
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d");
  const font = (weight, size) => `${weight} ${size}px ${token("--font")}`;
  paper.font = font(400, 12);
  const lines = wrapped(paper, told, width);
  const top = margin + 24 + lines.length * step + 8;
  canvas.width = 2 * (width + 2 * margin);
  canvas.height = 2 * (top + height + step + margin);
  paper.scale(2, 2);
  paper.fillStyle = token("--surface");
  paper.fillRect(0, 0, canvas.width, canvas.height);
  const write = (text, y, style, ink) => {
    [paper.font, paper.fillStyle] = [style, token(ink)];
    paper.fillText(text, margin, y);
  };
  write(heading, margin + 14, font(600, 14), "--ink");
  lines.forEach((line, at) => write(line, margin + 36 + at * step, font(400, 12), "--ink-2"));
  paper.drawImage(picture, margin, top, width, height);
  write(document.title, top + height + step, font(400, 12), "--ink-3");
  return canvas;
}

/** Return the text in lines that are as wide as the picture at most. */
function wrapped(paper, text, width) {
  const lines = [""];
  for (const part of text.match(/[\x21-\x7e]+|\s+|./gu) ?? []) {
    if (paper.measureText(lines.at(-1) + part).width > width) lines.push("");
    lines[lines.length - 1] += lines.at(-1) ? part : part.trimStart();
  }
  return lines;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

document.addEventListener("click", (event) => {
  const figure = event.target.closest("[data-chart-png]")?.closest("[data-chart]");
  if (figure) save(figure);
  const control = event.target.closest("[data-race-step], [data-race-play]");
  const race = control?.closest("[data-drawn]");
  if (!race) return;
  const isPlaying = pictureOf(race).timer !== 0;
  if (isPlaying) pause(race);
  if ("raceStep" in control.dataset) show(race, pictureOf(race).frame + Number(control.dataset.raceStep));
  else if (!isPlaying) play(race);
});
document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
let pending = 0;
window.addEventListener("resize", () => {
  clearTimeout(pending);
  pending = setTimeout(redraw, 120);
});
drawAll();
