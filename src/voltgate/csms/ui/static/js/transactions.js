// Every charging session, newest first.

import { badge, h, later, state } from "./dom.js";
import { duration, energy, power, time } from "./format.js";
import { follow } from "./live.js";
import { List } from "./list.js";

const PHASES = { Charging: "Charging", SuspendedEV: "Suspended", SuspendedEVSE: "Suspended", EVConnected: "Preparing", Idle: "Finishing" };
const address = (one) => `/transactions/${encodeURIComponent(one.station_id)}/${encodeURIComponent(one.transaction_id)}`;

export const phase = (one) => (one.open ? state(PHASES[one.charging_state] || "Preparing") : h("span", { class: "muted" }, one.stopped_reason || "ended"));

export const row = (one) => h("tr", {},
  h("td", {}, h("a", { href: address(one) }, time(one.started_at))),
  h("td", {}, h("a", { href: `/stations/${encodeURIComponent(one.station_id)}` }, one.station_id), h("span", { class: "muted" }, one.evse_id ? ` · EVSE ${one.evse_id}` : "")),
  h("td", { class: "mono" }, one.id_token || "–"),
  h("td", {}, phase(one)),
  h("td", { class: "num" }, energy(one.energy_wh)),
  h("td", { class: "num" }, one.open ? power(one.power_w) : ""),
  h("td", {}, one.started_at ? duration(one.started_at, one.ended_at) : "–"),
  h("td", {}, one.offline ? badge("offline") : null, ...one.doubts.map((doubt) => badge("doubt", doubt))));

if (document.querySelector("#rows")) {
  const list = new List("/transactions", row, { query: ({ from, to, ...rest }) => ({ ...rest, from: from && `${from}T00:00:00Z`, to: to && `${to}T23:59:59Z` }) });
  await list.load();
  const soon = later(1500, () => { if (!list.more.clicked && window.scrollY < 200) list.load(); });
  follow({ "transaction.started": soon, "transaction.ended": soon, "transaction.updated": soon });
}
