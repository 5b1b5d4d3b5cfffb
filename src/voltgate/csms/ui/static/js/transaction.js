// One charging session: its curve, its events, every value the meter gave.

import { $, atMost, fill, h, show } from "./dom.js";
import { get, post } from "./api.js";
import { energy, power, time } from "./format.js";
import { follow } from "./live.js";
import { timeChart } from "./chart.js";
import { ask, badge, busy, empty, emptyRow, lasting, tile } from "./parts.js";
import { phase } from "./transactions.js";
import { begin } from "./shell.js";

const root = $("#transaction");
const { station: stationId, transaction: transactionId } = root.dataset;
const path = `/transactions/${encodeURIComponent(stationId)}/${encodeURIComponent(transactionId)}`;
const SERIES = [
  { measurand: "Power.Active.Import", label: "Power", unit: "kW", colour: "--charging", scale: "kW", divide: 1000, fill: true },
  { measurand: "Energy.Active.Import.Register", label: "Energy", unit: "kWh", colour: "--available", scale: "kWh", divide: 1000 },
  { measurand: "SoC", label: "State of charge", unit: "%", colour: "--suspended", scale: "%", divide: 1 },
];
let plot = null;

async function summary() {
  const one = await get(path);
  fill($("#phase"), phase(one));
  fill(
    $("#tiles"),
    tile("Energy", energy(one.energy_wh)),
    tile("Power", one.open ? power(one.power_w) : "–"),
    tile("Duration", one.started_at ? lasting(one.started_at, one.ended_at ?? (one.open ? null : one.last_event_at)) : "–"),
    tile("Token", one.id_token || "–", true),
    tile("Started", time(one.started_at), true),
    tile("Ended", time(one.ended_at), true),
  );
  fill($("#doubts"), ...one.doubts.map((doubt) => h("p", { class: "note warn" }, doubt)));
  if ($("#close")) $("#close").hidden = !one.open;
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
  if (!present.length) {
    fill($("#chart"), empty("No meter values yet", "The curve begins with the first values the station sends."));
    return;
  }
  if (plot && plot.series.length === data.length) {
    plot.setData(data);
    return;
  }
  plot?.destroy();
  plot = timeChart($("#chart"), present, data, {
    height: 280,
    label: `Course of ${present.map((one) => one.label.toLowerCase()).join(", ")}`,
  });
}

const eventRow = (one) =>
  h(
    "tr",
    {},
    h("td", {}, time(one.at)),
    h("td", {}, one.type),
    h("td", {}, one.trigger || ""),
    h("td", { class: "num" }, one.seq_no ?? ""),
    h("td", {}, one.charging_state || ""),
    h("td", { class: "num" }, one.power_w === null ? "" : power(one.power_w)),
    h("td", {}, one.offline ? badge("offline") : "", one.stopped_reason ? badge(one.stopped_reason) : ""),
  );

async function events() {
  const all = (await get(`${path}/events`)).reverse();
  show(
    $("#events"),
    all.slice(0, 300),
    (one) => `${one.at} ${one.seq_no} ${one.type} ${one.trigger}`,
    eventRow,
    () => emptyRow("No event yet"),
  );
}

const valueRow = (one) =>
  h(
    "tr",
    {},
    h("td", {}, time(one.at)),
    h("td", {}, one.measurand),
    h("td", {}, one.phase || ""),
    h("td", {}, one.location || ""),
    h("td", {}, one.context || ""),
    h("td", { class: "num" }, `${one.value ?? "–"} ${one.unit}`),
    h("td", { class: "num muted" }, `${one.original_value} ${one.original_unit || ""}`),
  );
const valueKey = (one, index) => `${one.at} ${one.measurand} ${one.phase} ${one.location} ${one.context} ${index ?? ""}`;

let cursor = "";
let shown = [];
async function values(fresh) {
  const page = await get(`${path}/meter-values`, { limit: 100, cursor: fresh ? "" : cursor });
  cursor = page.next_cursor;
  shown = fresh ? page.items : [...shown, ...page.items];
  $("#more-values").hidden = !cursor;
  show($("#values"), shown, valueKey, valueRow, () => emptyRow("No meter value yet"));
}

$("#close")?.addEventListener("click", async () => {
  const sure = await ask(
    "Close this transaction?",
    [
      h(
        "p",
        {},
        "The station is not asked: this ends a transaction that its station will never end. A late end from the station is still stored.",
      ),
    ],
    "Close it",
    true,
  );
  if (sure) await busy($("#close"), () => post(`${path}/close`));
  summary();
});
$("#more-values").addEventListener("click", () => busy($("#more-values"), () => values(false)));

begin(async () => {
  await summary();
  await Promise.all([curve(), events(), values(true)]);
  const soon = atMost(1500, () => Promise.all([summary(), curve(), events(), ...(shown.length <= 100 ? [values(true)] : [])]));
  const mine = (data) => {
    if (data.transaction_id === transactionId) soon();
  };
  follow({ "transaction.updated": mine, "transaction.ended": mine, "meter.sample": mine }, { station: stationId }, soon);
});
