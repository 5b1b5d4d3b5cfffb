// One station: its EVSEs, live power, commands, frames, variables and transactions.

import { $, ask, badge, busy, field, h, later, select, state, toast } from "./dom.js";
import { call, get, patch, post, remove, station as path } from "./api.js";
import { ago, energy, power, time } from "./format.js";
import { follow } from "./live.js";
import { LiveChart } from "./chart.js";
import { allow, may } from "./roles.js";
import { commandBar } from "./commands.js";
import { frame } from "./frames.js";
import { tabs } from "./tabs.js";
import { row as transactionRow } from "./transactions.js";

const id = $("#station").dataset.station;
const COLOURS = ["--charging", "--available", "--suspended", "--preparing", "--faulted"];
let one = null;
let chart = null;

function evseCard(evse) {
  const session = evse.transaction;
  return h("div", { class: "card", "data-evse": String(evse.evse_id) },
    h("div", { class: "station-head" }, h("strong", {}, `EVSE ${evse.evse_id}`), state(evse.state), h("span", { class: "num grow" }, power(evse.power_w))),
    session ? h("div", {}, h("a", { href: `/transactions/${encodeURIComponent(id)}/${encodeURIComponent(session.transaction_id)}` }, `${energy(session.energy_wh)}`),
      h("span", { class: "muted" }, ` since ${time(session.started_at)} · ${session.id_token || "no token"}`)) : h("div", { class: "muted" }, "no transaction"),
    ...evse.connectors.map((connector) => h("div", { class: "muted" }, `Connector ${connector.connector_id}: ${connector.status}`,
      connector.error_code && connector.error_code !== "NoError" ? ` · ${connector.error_code}` : "", connector.info ? ` · ${connector.info}` : "")));
}

function draw() {
  $("#name").textContent = one.name || one.id;
  $("#facts").replaceChildren(one.name ? badge(one.id) : "", " ", badge(one.protocol ? `OCPP ${one.protocol}` : "never seen"), " ",
    h("span", { class: "muted" }, [one.vendor, one.model, one.firmware_version].filter(Boolean).join(" · ")));
  $("#presence").replaceChildren(one.connected ? state("Available") : state("Offline"));
  $("#presence").firstChild.textContent = one.connected ? "Online" : `Offline · ${ago(one.last_seen)}`;
  $("#registration").replaceChildren(one.registration === "accepted" ? "" : h("p", { class: "note warn" }, `This station is ${one.registration}. `,
    may("operator") ? h("button", { type: "button", onclick: () => accept() }, "Accept it") : ""));
  $("#evses").replaceChildren(...one.evses.map(evseCard));
  const numbers = one.evses.map((evse) => evse.evse_id);
  if (numbers.length && chart?.numbers.join() !== numbers.join()) startChart(numbers);
}

async function accept() {
  await patch(path(id), { next_boot: "accepted" });
  const { status } = await call(id, "TriggerMessage", { requestedMessage: "BootNotification" }).catch((problem) => ({ status: problem.message }));
  toast(status === "Accepted" ? `${id} boots again and is accepted` : `${id} is accepted at its next boot (${status})`);
  load();
}

async function startChart(numbers) {
  $("#chart").replaceChildren();
  chart = new LiveChart($("#chart"), numbers.map((number, index) => ({ label: `EVSE ${number}`, unit: "kW", colour: COLOURS[index % COLOURS.length], scale: "kW", fill: index === 0 })), 30, 200);
  chart.numbers = numbers;
  await seed(numbers);
  chart.add(new Date(), one.evses.map((evse) => (evse.power_w || 0) / 1000));
}

// The curve of the last half hour.
async function seed(numbers) {
  const since = new Date(Date.now() - 30 * 60000).toISOString();
  const series = await Promise.all(numbers.map((number) => get(`${path(id)}/meter-values/series`, { from: since, evse: number, measurand: "Power.Active.Import", points: 200 })));
  const points = series.flatMap((all, index) => (all.find((one) => one.phase === null) || all[0])?.points.map(([at, watts]) => ({ at, index, watts })) || []);
  points.sort((a, b) => a.at - b.at).forEach(({ at, index, watts }) => chart.add(at, numbers.map((_, column) => (column === index ? watts / 1000 : null))));
}

async function load() {
  one = await get(path(id));
  draw();
}

// frames
let cursor = "";
const filters = () => Object.fromEntries(new FormData($("#frame-filters")));

async function frames(fresh) {
  if (fresh) cursor = "";
  const page = await get(`${path(id)}/messages`, { ...filters(), limit: 50, cursor });
  cursor = page.next_cursor;
  $("#older").hidden = !cursor;
  const lines = page.items.map((message) => frame(message));
  if (fresh) $("#frames").replaceChildren(...(lines.length ? lines : [h("p", { class: "empty" }, "No frame fits.")])); else $("#frames").append(...lines);
}

function fits(message) {
  const { search, action, direction } = filters();
  return (!search || message.raw.toLowerCase().includes(search.toLowerCase())) && (!action || (message.action || "").toLowerCase().includes(action.toLowerCase())) && (!direction || message.direction === direction);
}

function arrived(message) {
  if (!fits(message)) return;
  $("#frames .empty")?.remove();
  $("#frames").prepend(frame({ at: new Date(message.at_ms).toISOString(), ...message }));
  while ($("#frames").childElementCount > 300) $("#frames").lastElementChild.remove();
}

// variables
let variables = [];

async function loadVariables() {
  variables = [];
  let next = "";
  do {
    const page = await get(`${path(id)}/variables`, { limit: 200, cursor: next });
    variables.push(...page.items);
    next = page.next_cursor;
  } while (next);
  drawVariables();
}

function drawVariables() {
  const word = $("#variable-filters").elements.search.value.toLowerCase();
  const shown = variables.filter((each) => `${each.component} ${each.variable} ${each.instance || ""}`.toLowerCase().includes(word)).slice(0, 400);
  $("#variables").replaceChildren(...(shown.length ? shown.map(variableRow) : [h("tr", {}, h("td", { colspan: 5, class: "empty" }, "Nothing known yet. Ask for a full report."))]));
}

const variableRow = (each) => h("tr", {},
  h("td", {}, each.component, each.evse_id ? h("span", { class: "muted" }, ` · EVSE ${each.evse_id}`) : ""), h("td", {}, each.variable, each.instance ? h("span", { class: "muted" }, ` [${each.instance}]`) : ""),
  h("td", { class: "mono" }, each.value ?? "–", each.unit ? h("span", { class: "muted" }, ` ${each.unit}`) : ""),
  h("td", {}, each.desired !== null && each.desired !== undefined ? badge(`${each.desired}: ${each.status}`, each.reason || "") : ""),
  h("td", {}, each.mutability !== "ReadOnly" && may("operator") ? h("button", { type: "button", onclick: () => change(each) }, "Set") : ""));

async function change(each) {
  const values = await ask(`${each.component} ${each.variable}`, [field("New value", "value", { value: each.value ?? "", required: true, autocomplete: "off" })], "Set");
  if (!values) return;
  const { component, variable, evse_id, connector_id, instance, attribute } = each;
  try {
    await patch(`${path(id)}/variables`, [{ component, variable, evse_id, connector_id, instance, attribute, value: values.value }]);
  } catch (problem) {
    toast(problem.message, true);
  }
  setTimeout(loadVariables, 800);
}

async function loadTransactions() {
  const { items } = await get(`${path(id)}/transactions`, { limit: 50 });
  $("#transactions").replaceChildren(...(items.length ? items.map(transactionRow) : [h("tr", {}, h("td", { colspan: 8, class: "empty" }, "No transaction yet."))]));
}

async function loadSettings() {
  const sites = (await get("/sites", { limit: 200 })).items;
  const form = $("#settings");
  form.replaceChildren(field("Name", "name", { value: one.name || "" }), select("Site", "site", [["", "none"], ...sites.map((site) => [site.id, site.name])], one.site || ""),
    select("Next boot is answered", "next_boot", [["", "by registration"], "accepted", "pending", "rejected"], one.next_boot || ""), field("New password (empty keeps it)", "password", { autocomplete: "new-password", minlength: 16, maxlength: 64 }),
    h("div", { class: "actions" }, h("button", { type: "button", class: "danger", onclick: forget }, "Remove station"), h("button", { type: "button", onclick: (event) => busy(event.target, () => post(`${path(id)}/disconnect`)) }, "Disconnect"), h("button", { class: "primary" }, "Save")));
}

async function save(event) {
  event.preventDefault();
  const { name, site, next_boot: boot, password } = Object.fromEntries(new FormData($("#settings")));
  const done = await busy($("#settings .primary"), () => patch(path(id), { name, site: site || null, next_boot: boot || null, ...(password ? { password } : {}) }));
  if (done !== undefined) toast("Saved");
  load();
}

async function forget() {
  if (!await ask(`Remove ${id}?`, [h("p", {}, "Its link is closed and it cannot connect again until it is registered. Its transactions are kept.")], "Remove")) return;
  await remove(path(id));
  location.href = "/";
}

allow();
commandBar($("#commands"), $("#answer"), () => one);
tabs($(".tabs"), { "tab-variables": loadVariables, "tab-transactions": loadTransactions, "tab-settings": loadSettings });
$("#frame-filters").addEventListener("input", later(250, () => frames(true)));
$("#frame-filters").addEventListener("submit", (event) => event.preventDefault());
$("#older").addEventListener("click", () => busy($("#older"), () => frames(false)));
$("#variable-filters").addEventListener("input", later(150, drawVariables));
$("#report").addEventListener("click", () => busy($("#report"), async () => {
  const { status } = await call(id, "GetBaseReport", { requestId: Math.floor(Math.random() * 2 ** 31), reportBase: "FullInventory" });
  toast(`The station answered ${status}`);
  setTimeout(loadVariables, 1500);
}));
$("#settings").addEventListener("submit", save);

await Promise.all([load(), frames(true)]);
const soon = later(200, load);
follow({
  message: arrived, "connector.status": soon, "transaction.started": soon, "transaction.updated": soon, "transaction.ended": soon,
  "station.connected": soon, "station.disconnected": soon, "station.booted": soon, "station.registration": soon,
  "meter.sample": (sample) => { chart?.add(sample.at_ms, chart.numbers.map((number) => (number === sample.evse_id ? (sample.power_w || 0) / 1000 : null))); soon(); },
}, { station: id });
