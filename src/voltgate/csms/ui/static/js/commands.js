// The buttons of the station page: what an operator may tell a station, in OCPP 2.1, and its real answer.

import { $$, ask, busy, field, h, select } from "./dom.js";
import { call, get } from "./api.js";

const RESETS = [["Immediate", "Immediate"], ["OnIdle", "OnIdle: when no car charges"]];
const TRIGGERS = ["BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent", "LogStatusNotification", "FirmwareStatusNotification"];
const number = (text) => (text === "" || text === undefined ? undefined : Number(text));

const evseChoice = (station, all) => select("EVSE", "evse", [...(all ? [["", "whole station"]] : []), ...station.evses.map((evse) => [String(evse.evse_id), `EVSE ${evse.evse_id} · ${evse.state}`])]);

async function tokenList() {
  const { items } = await get("/tokens", { limit: 100 });
  return h("datalist", { id: "tokens" }, ...items.map((token) => h("option", { value: token.id_token }, token.note || token.type)));
}

// Each entry: label, action, and a function (station) -> the 2.1 request, or null when the person changed their mind.
export const COMMANDS = [
  ["Start", "RequestStartTransaction", async (station) => {
    const values = await ask("Start a transaction", [evseChoice(station, false), field("Token", "token", { required: true, list: "tokens", autocomplete: "off" }), await tokenList()], "Start");
    return values && { remoteStartId: Math.floor(Math.random() * 2 ** 31), evseId: Number(values.evse), idToken: { idToken: values.token, type: "Central" } };
  }],
  ["Stop", "RequestStopTransaction", async (station) => {
    const running = station.evses.filter((evse) => evse.transaction);
    if (!running.length) { await ask("Nothing to stop", [h("p", {}, "No transaction is open at this station.")]); return null; }
    const values = await ask("Stop a transaction", [select("Transaction", "transaction", running.map((evse) => [evse.transaction.transaction_id, `EVSE ${evse.evse_id} · ${evse.transaction.id_token || "no token"}`]))], "Stop");
    return values && { transactionId: values.transaction };
  }],
  ["Unlock", "UnlockConnector", async (station) => {
    const values = await ask("Unlock a connector", [evseChoice(station, false), field("Connector", "connector", { type: "number", min: 1, value: "1" })], "Unlock");
    return values && { evseId: Number(values.evse), connectorId: Number(values.connector) };
  }],
  ["Reset", "Reset", async (station) => {
    const values = await ask("Reset", [select("When", "type", RESETS), evseChoice(station, true)], "Reset");
    return values && { type: values.type, evseId: number(values.evse) };
  }],
  ["Availability", "ChangeAvailability", async (station) => {
    const values = await ask("Change availability", [evseChoice(station, true), select("To", "status", ["Operative", "Inoperative"])], "Change");
    return values && { operationalStatus: values.status, evse: values.evse ? { id: Number(values.evse) } : undefined };
  }],
  ["Trigger", "TriggerMessage", async (station) => {
    const values = await ask("Ask for a message", [select("Message", "message", TRIGGERS), evseChoice(station, true)], "Trigger");
    return values && { requestedMessage: values.message, evse: values.evse ? { id: Number(values.evse) } : undefined };
  }],
  ["Clear cache", "ClearCache", async () => ({})],
  ["Other …", null, async () => {
    const items = $$("#actions option").map((option) => option.value);
    const values = await ask("Any OCPP 2.1 request", [select("Action", "action", items, "GetVariables"), h("label", {}, "Request", h("textarea", { name: "body", rows: 8, spellcheck: false }, "{}"))], "Send");
    return values && { action: values.action, body: values.body };
  }],
];

export function commandBar(place, answer, station) {
  place.replaceChildren(...COMMANDS.map(([label, action, build]) => {
    const button = h("button", { type: "button", "data-action": action || "other" }, label);
    button.addEventListener("click", async () => {
      const request = await build(station());
      if (request === null) return;
      const [name, body] = action ? [action, request] : [request.action, request.body];
      await busy(button, () => run(answer, station().id, name, body));
    });
    return button;
  }));
}

async function run(answer, id, action, body) {
  const started = performance.now();
  const show = (text, bad) => answer.replaceChildren(h("div", { class: `note ${bad ? "bad" : ""}` },
    h("strong", {}, `${action}: `), h("span", { class: "muted" }, `${Math.round(performance.now() - started)} ms`), h("pre", {}, text)));
  try {
    const reply = await call(id, action, body);
    show(JSON.stringify(reply, null, 2), /Rejected|Failed/.test(reply.status || ""));
  } catch (problem) {
    show(problem.message, true);
  }
}
