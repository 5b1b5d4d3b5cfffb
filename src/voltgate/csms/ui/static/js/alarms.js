// What a person should look at.

import { badge, busy, h, later } from "./dom.js";
import { post } from "./api.js";
import { time } from "./format.js";
import { follow } from "./live.js";
import { List } from "./list.js";
import { may } from "./roles.js";
import { countAlarms } from "./shell.js";

const list = new List("/alarms", (alarm) => h("tr", {},
  h("td", {}, time(alarm.at)), h("td", {}, alarm.station_id ? h("a", { href: `/stations/${encodeURIComponent(alarm.station_id)}` }, alarm.station_id) : "–"),
  h("td", {}, badge(alarm.kind), " ", alarm.text), h("td", { class: "num" }, alarm.count), h("td", {}, alarm.acknowledged_by || ""),
  h("td", {}, alarm.open && may("operator") ? h("button", { onclick: (event) => busy(event.target, async () => { await post(`/alarms/${alarm.id}/acknowledge`); list.load(); countAlarms(); }) }, "Acknowledge") : "")));

await list.load();
const soon = later(600, () => { list.load(); countAlarms(); });
follow({ "alarm.raised": soon });
