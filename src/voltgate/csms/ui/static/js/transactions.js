// Every charging session, newest first.

import { $, atMost, h } from "./dom.js";
import { energy, power, time } from "./format.js";
import { follow } from "./live.js";
import { List, offerStations } from "./list.js";
import { badge, lasting, state, stationLink } from "./parts.js";
import { begin } from "./shell.js";

const PHASES = { Charging: "Charging", SuspendedEV: "Suspended", SuspendedEVSE: "Suspended", EVConnected: "Preparing", Idle: "Finishing" };

export const address = (one) => `/transactions/${encodeURIComponent(one.station_id)}/${encodeURIComponent(one.transaction_id)}`;
export const keyOf = (one) => `${one.station_id} ${one.transaction_id}`;
export const phase = (one) =>
  one.open ? state(PHASES[one.charging_state] || "Preparing") : badge(one.stopped_reason ? `ended: ${one.stopped_reason}` : "ended");

export const row = (one) =>
  h(
    "tr",
    {},
    h("td", {}, h("a", { href: address(one) }, time(one.started_at))),
    h("td", {}, h("span", {}, stationLink(one.station_id), one.evse_id ? h("span", { class: "muted" }, ` · EVSE ${one.evse_id}`) : "")),
    h("td", { class: "mono" }, one.id_token || "–"),
    h("td", {}, phase(one)),
    h("td", { class: "num" }, energy(one.energy_wh)),
    h("td", { class: "num" }, one.open ? power(one.power_w) : ""),
    h("td", {}, one.started_at ? lasting(one.started_at, one.ended_at ?? (one.open ? null : one.last_event_at)) : ""),
    h("td", {}, one.offline ? badge("offline") : "", ...one.doubts.map((doubt) => badge("doubt", "warn", doubt))),
  );

function query({ from, to, ...rest }) {
  const day = (text, hours) => text && new Date(`${text}T${hours}`).toISOString();
  return { ...rest, from: day(from, "00:00:00"), to: day(to, "23:59:59.999") };
}

if ($("#rows")) {
  begin(async () => {
    const list = new List("/transactions", row, keyOf, {
      query,
      none: ["No transaction", "Charging sessions appear here as stations report them."],
    });
    await list.load();
    const soon = atMost(2000, () => list.refresh());
    follow({ "transaction.started": soon, "transaction.ended": soon, "transaction.updated": soon }, {}, soon);
    await offerStations();
  });
}
