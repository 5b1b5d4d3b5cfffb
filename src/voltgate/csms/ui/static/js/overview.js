// The fleet at a glance: figures, power, and a card for every station, by site.

import { $, ask, badge, busy, field, h, later, select, state, toast } from "./dom.js";
import { get, post } from "./api.js";
import { energy, power } from "./format.js";
import { follow } from "./live.js";
import { LiveChart } from "./chart.js";
import { countAlarms } from "./shell.js";
import { allow } from "./roles.js";

const FULL_POWER = 22000;
const stations = new Map();
let sites = [];
const chart = new LiveChart($("#power-chart"), [{ label: "Power", unit: "kW", colour: "--charging", scale: "kW", fill: true }], 30, 180);

async function figures() {
  const now = await get("/statistics/overview");
  $("#tile-power").textContent = power(now.power_w);
  $("#tile-charging").textContent = now.charging;
  $("#tile-connected").replaceChildren(String(now.connected), h("small", {}, ` of ${now.stations}`));
  $("#tile-sessions").textContent = now.sessions_today;
  $("#tile-energy").textContent = energy(now.energy_today_wh);
  $("#tile-alarms").textContent = now.alarms_open;
  chart.add(new Date(), [(now.power_w ?? 0) / 1000]);
}

async function history() {
  const points = await get("/statistics/power", { minutes: 30 });
  points.items.forEach((point) => chart.add(point.at, [point.power_w / 1000]));
}

function evseLine(evse) {
  const session = evse.transaction;
  return h("div", { class: "evse" },
    h("div", { class: "evse-line" }, h("span", { class: "muted" }, `EVSE ${evse.evse_id}`), state(evse.state),
      h("span", { class: "num" }, session ? `${power(evse.power_w)} · ${energy(session.energy_wh)}` : "")),
    h("div", { class: "bar", "aria-hidden": "true" }, h("i", { style: `width:${Math.min(100, ((evse.power_w || 0) / FULL_POWER) * 100)}%` })));
}

function card(one) {
  return h("a", { class: "card station", href: `/stations/${encodeURIComponent(one.id)}`, "data-id": one.id },
    h("div", { class: "station-head" },
      h("strong", {}, one.name || one.id), badge(one.protocol ? `OCPP ${one.protocol}` : "never seen"),
      one.connected ? null : state("Offline")),
    h("div", { class: "muted" }, [one.name ? one.id : null, one.vendor, one.model].filter(Boolean).join(" · ") || "no boot yet"),
    one.registration === "accepted" ? null : badge(one.registration),
    ...one.evses.map(evseLine));
}

function draw() {
  const groups = new Map([...sites.map((site) => [site.id, { title: site.name, address: site.address, cards: [] }]), ["", { title: "Without a site", cards: [] }]]);
  for (const one of stations.values()) (groups.get(one.site || "") || groups.get("")).cards.push(card(one));
  const shown = [...groups.values()].filter((group) => group.cards.length);
  $("#sites").replaceChildren(...(shown.length ? shown.map((group) => h("section", { class: "site" },
    h("h2", {}, group.title, " ", h("span", { class: "muted" }, group.address || "")), h("div", { class: "grid cards" }, ...group.cards)))
    : [h("div", { class: "card empty" }, "No station fits. A station appears here when it is registered and connects to the OCPP port.")]));
  $("#sites").removeAttribute("aria-busy");
}

async function load() {
  const query = Object.fromEntries(new FormData($("#filters")));
  stations.clear();
  let cursor = "";
  do {
    const page = await get("/stations", { ...query, limit: 200, cursor });
    page.items.forEach((one) => stations.set(one.id, one));
    cursor = page.next_cursor;
  } while (cursor && stations.size < 1000);
  draw();
}

const stale = new Set();
const refresh = later(250, async () => {
  const ids = [...stale];
  stale.clear();
  const fresh = await Promise.all(ids.map((id) => get(`/stations/${encodeURIComponent(id)}`).catch(() => null)));
  fresh.filter((one) => one && stations.has(one.id)).forEach((one) => {
    stations.set(one.id, one);
    $(`[data-id="${CSS.escape(one.id)}"]`)?.replaceWith(card(one));
  });
  figures();
});
const touched = ({ station_id: id }) => { stale.add(id); refresh(); };

async function addStation() {
  const values = await ask("Add a station", [
    field("Station id (the last part of its URL)", "id", { required: true, maxlength: 48 }), field("Name", "name"),
    select("Site", "site", [["", "none"], ...sites.map((site) => [site.id, site.name])]),
  ], "Add");
  if (!values) return;
  await busy($("#add-station"), async () => {
    const made = await post("/stations", Object.fromEntries(Object.entries(values).filter(([, value]) => value)));
    await ask(`${made.id} is registered`, [h("p", {}, "Its password for Basic authentication, shown only now:"), h("pre", {}, made.password)], "Done");
    toast(`${made.id} is registered`);
    load();
  });
}

allow();
$("#filters").addEventListener("input", later(200, load));
$("#filters").addEventListener("submit", (event) => event.preventDefault());
$("#add-station").addEventListener("click", addStation);
sites = (await get("/sites", { limit: 200 })).items;
$("#filters").elements.site.append(...sites.map((site) => h("option", { value: site.id }, site.name)));
await history();
await Promise.all([load(), figures()]);
follow({
  "connector.status": touched, "transaction.started": touched, "transaction.updated": touched, "transaction.ended": touched,
  "meter.sample": touched, "station.connected": touched, "station.disconnected": touched, "station.registration": touched,
  "station.booted": ({ station_id: id }) => (stations.has(id) ? touched({ station_id: id }) : load()),
  "alarm.raised": () => { figures(); countAlarms(); },
});
setInterval(figures, 5000);
