// One charging session: its curve, its events, every value the meter gave.

import { $, ask, busy, h, later } from "./dom.js";
import { get, post } from "./api.js";
import { duration, energy, power, time } from "./format.js";
import { follow } from "./live.js";
import { timeChart } from "./chart.js";
import { may } from "./roles.js";
import { phase } from "./transactions.js";

const root = $("#transaction");
const { station: stationId, transaction: transactionId } = root.dataset;
const path = `/transactions/${encodeURIComponent(stationId)}/${encodeURIComponent(transactionId)}`;
const SERIES = [
  { measurand: "Power.Active.Import", label: "Power", unit: "kW", colour: "--charging", scale: "kW", divide: 1000, fill: true },
  { measurand: "Energy.Active.Import.Register", label: "Energy", unit: "kWh", colour: "--available", scale: "kWh", divide: 1000 },
  { measurand: "SoC", label: "State of charge", unit: "%", colour: "--suspended", scale: "%", divide: 1 },
];
let plot = null;

const tile = (label, text) => h("div", { class: "card tile" }, h("div", { class: "label" }, label), h("div", { class: "figure" }, text));

async function summary() {
  const one = await get(path);
  $("#phase").replaceChildren(phase(one));
  $("#tiles").replaceChildren(tile("Energy", energy(one.energy_wh)), tile("Power", one.open ? power(one.power_w) : "–"),
    tile("Duration", one.started_at ? duration(one.started_at, one.ended_at) : "–"), tile("Token", one.id_token || "–"),
    tile("Started", time(one.started_at)), tile("Ended", time(one.ended_at)));
  $("#doubts").replaceChildren(...one.doubts.map((doubt) => h("p", { class: "note warn" }, doubt)));
  $("#close").hidden = !one.open || !may("operator");
}

// The series to draw for a measurand: the one of all phases together where the station gives it.
const pick = (all, measurand) => {
  const fitting = all.filter((one) => one.measurand === measurand && one.points.length);
  return fitting.find((one) => one.phase === null) || fitting[0];
};

function columns(all) {
  const present = SERIES.map((one) => ({ ...one, points: pick(all, one.measurand)?.points })).filter((one) => one.points);
  const times = [...new Set(present.flatMap((one) => one.points.map(([at]) => at / 1000)))].sort((a, b) => a - b);
  const values = present.map((one) => {
    const first = one.scale === "kWh" ? one.points[0][1] : 0;
    const at = new Map(one.points.map(([when, value]) => [when / 1000, (value - first) / one.divide]));
    return times.map((second) => at.get(second) ?? null);
  });
  return { present, data: [times, ...values] };
}

async function curve() {
  const { present, data } = columns(await get(`${path}/meter-values/series`, { points: 400 }));
  if (!present.length) { $("#chart").replaceChildren(h("p", { class: "empty" }, "The station has sent no meter values yet.")); return; }
  if (plot && plot.series.length === data.length) { plot.setData(data); return; }
  plot?.destroy();
  $("#chart").replaceChildren();
  plot = timeChart($("#chart"), present, data, 280);
}

async function events() {
  const { items } = await get(`${path}/events`, { limit: 200 });
  $("#events").replaceChildren(...items.map((one) => h("tr", {}, h("td", {}, time(one.at)), h("td", {}, one.event_type), h("td", {}, one.trigger_reason || ""),
    h("td", { class: "num" }, one.seq_no ?? ""), h("td", {}, one.charging_state || ""))));
}

let cursor = "";
async function values(fresh) {
  if (fresh) cursor = "";
  const page = await get(`${path}/meter-values`, { limit: 100, cursor });
  cursor = page.next_cursor;
  $("#more-values").hidden = !cursor;
  const rows = page.items.map((one) => h("tr", {}, h("td", {}, time(one.at)), h("td", {}, one.measurand), h("td", {}, one.phase || ""), h("td", {}, one.location || ""),
    h("td", {}, one.context || ""), h("td", { class: "num" }, `${one.value} ${one.unit}`), h("td", { class: "num muted" }, `${one.original_value} ${one.original_unit || ""}`)));
  if (fresh) $("#values").replaceChildren(...rows); else $("#values").append(...rows);
}

$("#close").addEventListener("click", async () => {
  const sure = await ask("Close this transaction?", [h("p", {}, "The station is not asked: this ends a transaction that its station will never end. A late end from the station is still stored.")], "Close it");
  if (sure) await busy($("#close"), () => post(`${path}/close`));
  summary();
});
$("#more-values").addEventListener("click", () => busy($("#more-values"), () => values(false)));

await Promise.all([summary(), curve(), events(), values(true)]);
const soon = later(1000, () => Promise.all([summary(), curve(), events()]));
const mine = (data) => { if (data.transaction_id === transactionId) soon(); };
follow({ "transaction.updated": mine, "transaction.ended": mine, "meter.sample": mine }, { station: stationId });
