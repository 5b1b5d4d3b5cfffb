// Charts over time: uPlot in the colours of the page, with a legend that says the values.

import { h } from "./dom.js";

const probe = document.body.appendChild(h("span", { hidden: true }));
const HEADROOM = 1.1;
const SHORTEST_SECONDS = 120;

// A colour of the style sheet as the canvas takes it.
function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

const soft = (name) => colour(name).replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)");
const said = (value, unit) => (value === null || value === undefined ? "–" : `${Math.round(value * 100) / 100} ${unit}`);

// A young chart shows a few minutes, so that its curve is not a needle at the right edge.
function recent(times, span) {
  const now = Date.now() / 1000;
  return [Math.max(now - span, Math.min(times.length ? times[0] : now, now - SHORTEST_SECONDS)), now];
}

const hour = (seconds, short) =>
  new Date(seconds * 1000).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    ...(short ? { second: "2-digit" } : {}),
    hour12: false,
  });

function axes(series, scales) {
  const grid = { stroke: () => colour("--line"), width: 1 };
  const axis = { stroke: () => colour("--muted"), grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const hours = {
    ...axis,
    space: 70,
    size: 30,
    values: (plot, ticks) => ticks.map((tick) => hour(tick, plot.scales.x.max - plot.scales.x.min < 300)),
  };
  return [
    hours,
    ...scales.map((scale, index) => ({
      ...axis,
      scale,
      side: index % 2 ? 1 : 3,
      size: 62,
      grid: index ? { show: false } : grid,
      show: index < 2,
      values: (_, ticks) => ticks.map((tick) => `${tick} ${series.find((one) => one.scale === scale).unit}`),
    })),
  ];
}

function legendOf(series) {
  const values = series.map(() => h("b", {}));
  const at = h("span", {});
  const element = h(
    "div",
    { class: "legend", "aria-hidden": "true" },
    ...series.map((one, index) => h("span", {}, h("i", { style: `background: var(${one.colour})` }), one.label, " ", values[index])),
    at,
  );
  const update = (plot) => {
    const index = plot.cursor.idx;
    at.textContent = index === null || index === undefined ? "" : hour(plot.data[0][index], true);
    series.forEach((one, number) => {
      values[number].textContent = said(
        index === null || index === undefined ? plot.data[number + 1].findLast((value) => value !== null) : plot.data[number + 1][index],
        one.unit,
      );
    });
  };
  return { element, update };
}

// A line chart of `series` ([{label, unit, colour, scale, fill, stepped}]); `data` as uPlot takes it: [seconds[], values[], ...].
// `span` (seconds): the chart shows at most so much up to now; without it, what the data spans.
export function timeChart(element, series, data, { height = 220, span = null, label = "Chart" } = {}) {
  const scales = [...new Set(series.map((one) => one.scale))];
  const legend = legendOf(series);
  const width = () => Math.max(240, element.clientWidth);
  const upward = (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * HEADROOM];
  const x = span ? { time: true, range: (plot) => recent(plot.data[0], span) } : { time: true };
  const canvas = h("div", { role: "img", "aria-label": label });
  element.replaceChildren(legend.element, canvas);
  const plot = new uPlot(
    {
      width: width(),
      height,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false } },
      scales: { x, ...Object.fromEntries(scales.map((scale) => [scale, { range: upward }])) },
      axes: axes(series, scales),
      series: [
        {},
        ...series.map((one) => ({
          label: one.label,
          scale: one.scale,
          stroke: () => colour(one.colour),
          width: 2,
          fill: one.fill ? () => soft(one.colour) : undefined,
          spanGaps: true,
          paths: one.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
          points: { show: false },
        })),
      ],
      hooks: { setCursor: [legend.update], setData: [legend.update], ready: [legend.update] },
    },
    data,
    canvas,
  );
  new ResizeObserver(() => plot.setSize({ width: width(), height })).observe(element);
  addEventListener("theme", () => plot.redraw(false, true));
  return plot;
}

// A chart that grows at its right end and forgets what is older than `minutes`.
export class LiveChart {
  constructor(element, series, minutes, options) {
    this.seconds = minutes * 60;
    this.data = [[], ...series.map(() => [])];
    this.plot = timeChart(element, series, this.data, { ...options, span: this.seconds });
  }

  push(at, values) {
    const seconds = new Date(at) / 1000;
    const [times] = this.data;
    if (times.length && seconds <= times.at(-1)) return;
    times.push(seconds);
    values.forEach((value, index) => this.data[index + 1].push(value ?? null));
    while (times[0] < seconds - this.seconds) this.data.forEach((column) => column.shift());
  }

  add(at, values) {
    this.push(at, values);
    this.plot.setData(this.data);
  }

  draw() {
    this.plot.setData(this.data);
  }
}
