// One station: its EVSEs, live power, commands, frames, variables and transactions.

import { $, atMost, fill, h, later, show } from "./dom.js";
import { get, patch, station as path } from "./api.js";
import { ago, energy, power } from "./format.js";
import { follow } from "./live.js";
import { LiveChart } from "./chart.js";
import { badge, busy, empty, emptyRow, lasting, state, toast } from "./parts.js";
import { Commands } from "./commands.js";
import { Frames } from "./frames.js";
import { Variables } from "./variables.js";
import { drawSettings } from "./station_settings.js";
import { may } from "./roles.js";
import { begin } from "./shell.js";
import { tabs } from "./tabs.js";
import { address, keyOf, row as transactionRow } from "./transactions.js";

const id = $("#station").dataset.station;
const COLOURS = ["--charging", "--available", "--suspended", "--preparing", "--faulted"];
const MINUTES = 30;
const commands = may("operator") ? new Commands($("#commands"), $("#answer"), () => one) : null;
let one = null;
let chart = null;

const connectorLine = (connector) =>
  h(
    "div",
    { class: "muted" },
    `Connector ${connector.connector_id}: ${connector.status}`,
    connector.error_code && connector.error_code !== "NoError" ? [" · ", h("strong", {}, connector.error_code)] : "",
    connector.info ? ` · ${connector.info}` : "",
  );

function action(evse) {
  if (!commands || !one.connected) return "";
  const session = evse.transaction;
  return session
    ? h(
        "button",
        {
          type: "button",
          class: "small",
          "aria-label": `Stop EVSE ${evse.evse_id}`,
          onclick: (event) => commands.stop(event.target, session.transaction_id),
        },
        "Stop",
      )
    : h(
        "button",
        {
          type: "button",
          class: "small",
          "aria-label": `Start EVSE ${evse.evse_id}`,
          onclick: (event) => commands.start(event.target, evse.evse_id),
        },
        "Start",
      );
}

function evseCard(evse) {
  const session = evse.transaction;
  return h(
    "div",
    { class: "card evse-card", "data-evse": String(evse.evse_id) },
    h("div", { class: "row" }, h("strong", {}, `EVSE ${evse.evse_id}`), state(evse.state), action(evse)),
    h("div", { class: "power" }, session ? power(evse.power_w ?? 0) : "–"),
    session
      ? h(
          "div",
          {},
          h("a", { href: address({ station_id: id, transaction_id: session.transaction_id }) }, energy(session.energy_wh)),
          " in ",
          lasting(session.started_at, null),
          h("span", { class: "muted" }, ` · ${session.id_token || "no token"}`),
        )
      : h("div", { class: "muted" }, "no transaction"),
    ...evse.connectors.map(connectorLine),
  );
}

function draw() {
  fill($("#name"), one.name || one.id);
  fill(
    $("#facts"),
    one.name ? [badge(one.id), " "] : "",
    one.protocol ? badge(`OCPP ${one.protocol}`) : "",
    " ",
    h("span", { class: "muted" }, [one.vendor, one.model, one.firmware_version, one.serial_number].filter(Boolean).join(" · ")),
  );
  fill(
    $("#presence"),
    h(
      "span",
      { class: "state", "data-state": one.connected ? "Charging" : "Offline" },
      one.connected ? "Online" : `Offline · seen ${ago(one.last_seen)}`,
    ),
  );
  fill(
    $("#registration"),
    one.registration === "accepted"
      ? ""
      : h(
          "p",
          { class: "note warn notes" },
          `This station is ${one.registration}. `,
          commands ? h("button", { type: "button", class: "small", onclick: (event) => accept(event.target) }, "Accept it") : "",
        ),
  );
  show(
    $("#evses"),
    one.evses,
    (evse) => String(evse.evse_id),
    evseCard,
    () => h("div", { class: "card" }, empty("No EVSE known yet", "They appear when the station reports their status.")),
  );
}

async function accept(button) {
  await busy(button, () => patch(path(id), { next_boot: "accepted" }));
  toast(`${id} is accepted when it boots; a connected station is asked to boot now`);
  load();
}

async function startChart() {
  const numbers = one.evses.map((evse) => evse.evse_id);
  $("#power").hidden = !numbers.length;
  if (!numbers.length || chart?.numbers.join() === numbers.join()) return;
  const series = numbers.map((number, index) => ({
    label: `EVSE ${number}`,
    unit: "kW",
    colour: COLOURS[index % COLOURS.length],
    scale: "kW",
    fill: index === 0,
    stepped: true,
  }));
  chart = new LiveChart($("#chart"), series, MINUTES, { height: 190, label: `Power of each EVSE in the last ${MINUTES} minutes` });
  chart.numbers = numbers;
  await seed(numbers);
  point();
}

// The curve of the last half hour.
async function seed(numbers) {
  const since = new Date(Date.now() - MINUTES * 60000).toISOString();
  const series = await Promise.all(
    numbers.map((number) =>
      get(`${path(id)}/meter-values/series`, { from: since, evse: number, measurand: "Power.Active.Import", points: 200 }),
    ),
  );
  const moments = new Map();
  series.forEach((all, column) =>
    (all.find((each) => each.phase === null) || all[0])?.points.forEach(([at, watts]) => {
      if (!moments.has(at))
        moments.set(
          at,
          numbers.map(() => null),
        );
      moments.get(at)[column] = watts / 1000;
    }),
  );
  [...moments].sort(([a], [b]) => a - b).forEach(([at, values]) => chart.push(at, values));
}

const point = () =>
  chart?.add(
    new Date(),
    one.evses.map((evse) => (evse.transaction ? (evse.power_w || 0) / 1000 : 0)),
  );

async function load() {
  one = await get(path(id));
  draw();
  await startChart();
  point();
}

const form = $("#frame-filters");
const wanted = () => Object.fromEntries(new FormData(form));
const has = (text, part) => !part || (text || "").toLowerCase().includes(part.toLowerCase());
const frames = new Frames($("#frames"), {
  load: (page) => get(`${path(id)}/messages`, { ...wanted(), ...page }),
  fits: (message) => {
    const { search, action, direction } = wanted();
    return has(message.raw, search) && (!action || message.action === action) && (!direction || message.direction === direction);
  },
  word: () => wanted().search,
  more: $("#older"),
});
form.addEventListener(
  "input",
  later(250, () => frames.load(true)),
);
form.addEventListener("submit", (event) => event.preventDefault());
$("#older").addEventListener("click", () => busy($("#older"), () => frames.load(false)));

async function loadTransactions() {
  const { items } = await get(`${path(id)}/transactions`, { limit: 50 });
  show($("#transactions"), items, keyOf, transactionRow, () => emptyRow("No transaction yet"));
}

const variables = new Variables(id);
tabs($(".tabs"), {
  "tab-variables": () => variables.load(),
  "tab-transactions": loadTransactions,
  "tab-settings": () => drawSettings(one, load),
});
begin(async () => {
  await load();
  await frames.load(true);
  const soon = atMost(400, async () => {
    await load();
    if (!$("#panel-transactions").hidden) await loadTransactions();
  });
  const everything = () => {
    soon();
    frames.catchUp();
  };
  const topics = [
    "connector.status",
    "transaction.started",
    "transaction.updated",
    "transaction.ended",
    "meter.sample",
    "station.connected",
    "station.disconnected",
    "station.booted",
    "station.registration",
  ];
  const wishes = () => {
    if (!$("#panel-variables").hidden) variables.load();
  };
  follow(
    {
      message: (message) => frames.arrived(message),
      "intent.done": later(300, wishes),
      ...Object.fromEntries(topics.map((topic) => [topic, soon])),
    },
    { station: id },
    everything,
  );
});
