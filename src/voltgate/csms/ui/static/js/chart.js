// Charts over time: uPlot in the colours of the page.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A line chart of `series` ([{label, unit, colour, scale}]); `data` as uPlot takes it: [seconds[], values[], ...].
export function timeChart(element, series, data, height = 220) {
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--muted"), grid, ticks: { show: false }, font: "12px sans-serif" };
  const scales = [...new Set(series.map((one) => one.scale))];
  const options = {
    width: Math.max(240, element.clientWidth), height, cursor: { y: false, points: { size: 7 } }, legend: { live: true },
    scales: { x: { time: true }, ...Object.fromEntries(scales.map((scale) => [scale, { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.08] }])) },
    axes: [axis, ...scales.map((scale, index) => ({ ...axis, scale, side: index ? 1 : 3, size: 58, grid: index ? { show: false } : grid,
      values: (_, ticks) => ticks.map((tick) => `${tick} ${series.find((one) => one.scale === scale).unit}`) }))],
    series: [{ value: (_, seconds) => (seconds ? new Date(seconds * 1000).toLocaleTimeString() : "–") }, ...series.map((one) => ({
      label: one.label, scale: one.scale, stroke: colour(one.colour), width: 2, fill: one.fill ? `${colour(one.colour)}22` : undefined, spanGaps: true,
      points: { show: false }, value: (_, value) => (value === null || value === undefined ? "–" : `${Math.round(value * 100) / 100} ${one.unit}`),
    }))],
  };
  const plot = new uPlot(options, data, element);
  new ResizeObserver(() => plot.setSize({ width: Math.max(240, element.clientWidth), height })).observe(element);
  return plot;
}

// A chart that grows at its right end and forgets what is older than `minutes`.
export class LiveChart {
  constructor(element, series, minutes, height) {
    this.element = element;
    this.seconds = minutes * 60;
    this.data = [[], ...series.map(() => [])];
    this.plot = timeChart(element, series, this.data, height);
  }

  add(at, values) {
    const seconds = new Date(at) / 1000;
    const [times] = this.data;
    if (times.length && seconds < times.at(-1)) return;
    times.push(seconds);
    values.forEach((value, index) => this.data[index + 1].push(value ?? null));
    while (times[0] < seconds - this.seconds) this.data.forEach((column) => column.shift());
    this.plot.setData(this.data);
  }
}
