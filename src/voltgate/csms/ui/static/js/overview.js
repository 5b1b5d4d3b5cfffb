// The fleet at a glance: figures, power, alarms, and a card for every station, by site.

import { $, atMost, fill, h, later, show } from "./dom.js";
import { get, getAll } from "./api.js";
import { energy, power, time } from "./format.js";
import { follow } from "./live.js";
import { LiveChart } from "./chart.js";
import { badge, busy, empty, state, stationLink } from "./parts.js";
import { begin, countAlarms } from "./shell.js";
import { addStation } from "./add_station.js";

const FULL_POWER = 22000;
const FEW = 8;
const PAGE = 200;
const ORDER = ["Charging", "Suspended", "Preparing", "Finishing", "Reserved", "Available", "Unavailable", "Faulted", "Offline"];
const stations = new Map();
const stale = new Set();
const form = $("#filters");
let sites = [];
let chart = null;
let cursor = "";
let turn = 0;

const midnight = () => new Date(new Date().setHours(0, 0, 0, 0)).toISOString();

async function figures() {
  const [now, states] = await Promise.all([get("/statistics/overview", { midnight: midnight() }), get("/statistics/evses")]);
  fill($("#tile-power"), power(now.power_w));
  fill($("#tile-charging"), String(now.charging));
  fill($("#tile-connected"), String(now.connected), h("small", {}, ` of ${now.stations}`));
  fill($("#tile-sessions"), String(now.sessions_today));
  fill($("#tile-energy"), energy(now.energy_today_wh));
  fill($("#tile-alarms"), String(now.alarms_open));
  $("#tile-alarms")
    .closest(".tile")
    .classList.toggle("bad", now.alarms_open > 0);
  countAlarms(now.alarms_open);
  chart?.add(new Date(), [(now.power_w ?? 0) / 1000]);
  drawStates(states);
}

function drawStates(states) {
  const words = ORDER.filter((word) => states[word]);
  fill($("#split"), ...words.map((word) => h("i", { "data-state": word, style: `flex: ${states[word]}` })));
  const chosen = form.elements.state.value;
  fill(
    $("#states"),
    ...words.map((word) =>
      h(
        "button",
        { type: "button", "data-state": word, "aria-pressed": String(chosen === word), onclick: () => choose(word) },
        state(word),
        ` ${states[word]}`,
      ),
    ),
  );
  $("#states-card").hidden = !words.length;
}

function choose(word) {
  const wanted = form.elements.state;
  wanted.value = wanted.value === word ? "" : word;
  load();
  figures();
}

const alarmLine = (alarm) =>
  h(
    "li",
    {},
    alarm.station_id ? stationLink(alarm.station_id) : h("span", {}, "voltgate"),
    h("span", { class: "what" }, alarm.text),
    h("span", { class: "muted" }, time(alarm.at)),
  );

async function alarms() {
  const { items } = await get("/alarms", { open: true, limit: 3 });
  $("#alarms").hidden = !items.length;
  show($("#alarm-list"), items, (alarm) => alarm.id, alarmLine);
}

async function history() {
  const label = "Power of all stations in the last 30 minutes";
  chart = new LiveChart($("#power-chart"), [{ label: "Power", unit: "kW", colour: "--charging", scale: "kW", fill: true }], 30, {
    height: 170,
    label,
  });
  const points = await get("/statistics/power", { minutes: 30, points: 90 });
  const first = Math.max(0, points.items.findIndex((point) => point.power_w) - 1);
  points.items.slice(first).forEach((point) => chart.push(point.at, [point.power_w / 1000]));
  chart.draw();
}

function evseLine(evse) {
  const session = evse.transaction;
  return h(
    "div",
    { class: "evse" },
    h(
      "div",
      { class: "evse-line" },
      h("span", { class: "muted" }, `EVSE ${evse.evse_id}`),
      state(evse.state),
      h(
        "span",
        { class: "num" },
        session ? [evse.power_w === null ? null : power(evse.power_w), energy(session.energy_wh)].filter(Boolean).join(" · ") : "",
      ),
    ),
    h(
      "div",
      { class: "bar", "aria-hidden": "true" },
      h("i", { style: `width: ${Math.min(100, ((evse.power_w || 0) / FULL_POWER) * 100)}%` }),
    ),
  );
}

function card(one) {
  return h(
    "a",
    { class: `card station ${one.connected ? "" : "off"}`, href: `/stations/${encodeURIComponent(one.id)}`, "data-id": one.id },
    h("div", { class: "station-head" }, h("strong", {}, one.name || one.id), one.protocol ? badge(`OCPP ${one.protocol}`) : ""),
    h("div", { class: "muted" }, [one.name && one.id, one.vendor, one.model].filter(Boolean).join(" · ") || "never seen"),
    one.registration === "accepted" ? "" : badge(one.registration, "warn"),
    one.connected || one.evses.length ? "" : state("Offline"),
    ...one.evses.map(evseLine),
  );
}

function group(site) {
  const count = site.stations.length;
  const watts = site.stations.reduce((sum, one) => sum + (one.power_w || 0), 0);
  const section = h(
    "section",
    { class: "site" },
    h(
      "header",
      {},
      h("h2", {}, site.name),
      h("span", { class: "muted" }, [site.address, `${count} station${count === 1 ? "" : "s"}`, power(watts)].filter(Boolean).join(" · ")),
    ),
    h("div", { class: "grid cards" }),
  );
  show($(".cards", section), site.stations, (one) => one.id, card);
  return section;
}

function draw() {
  const groups = [...sites, { id: "", name: sites.length ? "Without a site" : "Stations", address: "" }].map((site) => ({
    ...site,
    stations: [],
  }));
  const of = new Map(groups.map((site) => [site.id, site]));
  for (const one of stations.values()) (of.get(one.site || "") || of.get("")).stations.push(one);
  const asked = Object.values(Object.fromEntries(new FormData(form))).some(Boolean);
  show(
    $("#sites"),
    groups.filter((site) => site.stations.length),
    (site) => site.id,
    group,
    () =>
      h(
        "div",
        { class: "card" },
        asked
          ? empty("No station fits", "Change the search or the filters.")
          : empty("No station yet", "Add one, then let it connect to the OCPP port with its id as the last part of the URL."),
      ),
  );
  $("#more").hidden = !cursor;
}

async function load() {
  await next("");
}

async function next(from = cursor) {
  const mine = ++turn;
  const page = await get("/stations", { ...Object.fromEntries(new FormData(form)), limit: PAGE, cursor: from });
  if (mine !== turn) return; // the filters have changed meanwhile
  if (!from) stations.clear();
  page.items.forEach((one) => stations.set(one.id, one));
  cursor = page.next_cursor;
  draw();
}

// Few changed stations are asked for one by one, many by reading the pages that are shown again.
async function refresh() {
  const ids = [...stale].filter((id) => stations.has(id));
  stale.clear();
  if (ids.length > FEW) await reload();
  else
    (await Promise.all(ids.map((id) => get(`/stations/${encodeURIComponent(id)}`).catch(() => null))))
      .filter(Boolean)
      .forEach((one) => stations.set(one.id, one));
  if (ids.length) draw();
}

async function reload() {
  const mine = turn;
  const wanted = stations.size;
  const fresh = new Map();
  let from = "";
  do {
    const page = await get("/stations", { ...Object.fromEntries(new FormData(form)), limit: PAGE, cursor: from });
    page.items.forEach((one) => fresh.set(one.id, one));
    from = page.next_cursor;
  } while (from && fresh.size < wanted);
  if (mine !== turn) return;
  stations.clear();
  fresh.forEach((one, id) => stations.set(id, one));
}

const soon = atMost(1500, refresh);
const count = atMost(3000, figures);
const touched = ({ station_id: id }) => {
  stale.add(id);
  soon();
};
const changed = (event) => {
  touched(event);
  count();
};

begin(async () => {
  sites = await getAll("/sites");
  form.elements.site.append(...sites.map((site) => h("option", { value: site.id }, site.name)));
  await Promise.all([history(), load(), alarms()]);
  await figures();
  form.addEventListener(
    "input",
    later(200, () => {
      load();
      figures();
    }),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  $("#more").addEventListener("click", () => busy($("#more"), () => next()));
  $("#add-station")?.addEventListener("click", () => addStation($("#add-station"), sites, load));
  const everything = () => {
    load();
    figures();
    alarms();
  };
  follow(
    {
      "connector.status": changed,
      "transaction.started": changed,
      "transaction.updated": touched,
      "transaction.ended": changed,
      "meter.sample": touched,
      "station.connected": changed,
      "station.disconnected": changed,
      "station.registration": changed,
      "station.booted": (event) => (stations.has(event.station_id) ? changed(event) : everything()),
      "station.deleted": everything,
      "alarm.changed": () => {
        alarms();
        count();
      },
    },
    {},
    everything,
  );
  setInterval(() => {
    if (!document.hidden) count();
  }, 5000);
}, $("#sites"));
