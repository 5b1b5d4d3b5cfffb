// What a person should look at.

import { atMost, h } from "./dom.js";
import { post } from "./api.js";
import { time } from "./format.js";
import { follow } from "./live.js";
import { List } from "./list.js";
import { badge, busy, stationLink } from "./parts.js";
import { may } from "./roles.js";
import { begin, countAlarms } from "./shell.js";

const act = (alarm, deed) => async (event) => {
  await busy(event.target, () => post(`/alarms/${alarm.id}/${deed}`));
  await list.refresh();
  countAlarms();
};

function actions(alarm) {
  if (!alarm.open || !may("operator")) return "";
  return h(
    "div",
    { class: "actions" },
    alarm.acknowledged_by ? "" : h("button", { type: "button", class: "small", onclick: act(alarm, "acknowledge") }, "Acknowledge"),
    h("button", { type: "button", class: "small", onclick: act(alarm, "clear") }, "Clear"),
  );
}

function standing(alarm) {
  if (!alarm.open) return badge(`cleared by ${alarm.cleared_by || "voltgate"}`);
  return alarm.acknowledged_by ? badge(`seen by ${alarm.acknowledged_by}`, "warn") : badge("open", "bad");
}

const row = (alarm) =>
  h(
    "tr",
    {},
    h("td", {}, time(alarm.at)),
    h("td", {}, alarm.station_id ? stationLink(alarm.station_id) : ""),
    h("td", {}, h("strong", {}, alarm.kind)),
    h("td", {}, alarm.text),
    h("td", { class: "num" }, String(alarm.count)),
    h("td", {}, standing(alarm)),
    h("td", {}, actions(alarm)),
  );

const list = new List("/alarms", row, (alarm) => alarm.id, { none: ["No open alarm", "Faults, doubts and repairs appear here."] });
begin(async () => {
  await list.load();
  const soon = atMost(1000, async () => {
    await list.refresh();
    await countAlarms();
  });
  follow({ "alarm.changed": soon }, {}, soon);
});
