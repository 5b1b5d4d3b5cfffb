// What an operator may tell a station, in OCPP 2.1, and its real answer.

import { $$, h } from "./dom.js";
import { call, get } from "./api.js";
import { coloured } from "./json.js";
import { ask, busy, field, select, toast } from "./parts.js";

const RESETS = [
  ["Immediate", "Immediate"],
  ["OnIdle", "OnIdle: when no car charges"],
];
const TRIGGERS = [
  "BootNotification",
  "Heartbeat",
  "StatusNotification",
  "MeterValues",
  "TransactionEvent",
  "LogStatusNotification",
  "FirmwareStatusNotification",
];
const NO = /Rejected|Failed|Unknown|NotSupported|NotImplemented|Error|Blocked/;
const number = (text) => (text === "" || text === undefined ? undefined : Number(text));
const randomId = () => Math.floor(Math.random() * 2 ** 31);

const evseChoice = (station, all, chosen) =>
  select(
    "EVSE",
    "evse",
    [
      ...(all ? [["", "whole station"]] : []),
      ...station.evses.map((evse) => [String(evse.evse_id), `EVSE ${evse.evse_id} · ${evse.state}`]),
    ],
    chosen && String(chosen),
  );

async function tokenList() {
  const { items } = await get("/tokens", { limit: 100 });
  return h("datalist", { id: "tokens" }, ...items.map((token) => h("option", { value: token.id_token, "data-type": token.type }, token.note || token.type)));
}

// A known token keeps its type, so that the card itself can stop what was started in its name (C01.FR.25).
function idToken(text, tokens) {
  const known = [...tokens.options].find((option) => option.value === text);
  return { idToken: text, type: known ? known.dataset.type : "Central" };
}

async function start(station, evse) {
  const tokens = await tokenList();
  const values = await ask(
    evse ? `Start at EVSE ${evse}` : "Start a transaction",
    [
      evseChoice(station, false, evse),
      field("Token", "token", { required: true, list: "tokens", maxlength: 255, spellcheck: "false" }),
      tokens,
      h("p", { class: "muted hint" }, "Without a car, the station waits for one until its connection time-out."),
    ],
    "Start",
  );
  return values && { remoteStartId: randomId(), evseId: Number(values.evse), idToken: idToken(values.token, tokens) };
}

async function stop(station) {
  const running = station.evses.filter((evse) => evse.transaction);
  if (!running.length) {
    await ask("Nothing to stop", [h("p", {}, "No transaction is open at this station.")], null);
    return null;
  }
  const values = await ask(
    "Stop a transaction",
    [
      select(
        "Transaction",
        "transaction",
        running.map((evse) => [evse.transaction.transaction_id, `EVSE ${evse.evse_id} · ${evse.transaction.id_token || "no token"}`]),
      ),
    ],
    "Stop",
  );
  return values && { transactionId: values.transaction };
}

async function unlock(station) {
  const values = await ask(
    "Unlock a connector",
    [evseChoice(station, false), field("Connector", "connector", { type: "number", min: 1, value: "1" })],
    "Unlock",
  );
  return values && { evseId: Number(values.evse), connectorId: Number(values.connector) };
}

async function reset(station) {
  const values = await ask("Reset", [select("When", "type", RESETS), evseChoice(station, true)], "Reset", true);
  return values && { type: values.type, evseId: number(values.evse) };
}

async function availability(station) {
  const values = await ask(
    "Change availability",
    [evseChoice(station, true), select("To", "status", ["Operative", "Inoperative"])],
    "Change",
  );
  return values && { operationalStatus: values.status, evse: values.evse ? { id: Number(values.evse) } : undefined };
}

async function trigger(station) {
  const values = await ask("Ask for a message", [select("Message", "message", TRIGGERS), evseChoice(station, true)], "Trigger");
  return values && { requestedMessage: values.message, evse: values.evse ? { id: Number(values.evse) } : undefined };
}

async function other() {
  const actions = $$("#actions option").map((option) => option.value);
  const values = await ask(
    "Any OCPP 2.1 request",
    [
      select("Action", "action", actions, "GetVariables"),
      h("label", {}, "Request (JSON)", h("textarea", { name: "body", rows: "8", spellcheck: "false" }, "{}")),
    ],
    "Send",
  );
  return values && { action: values.action, body: values.body };
}

// Each: label, action (null: the person chooses), and what makes the 2.1 request; null when the person changed their mind.
const COMMANDS = [
  ["Start", "RequestStartTransaction", start],
  ["Stop", "RequestStopTransaction", stop],
  ["Unlock", "UnlockConnector", unlock],
  ["Reset", "Reset", reset],
  ["Availability", "ChangeAvailability", availability],
  ["Trigger", "TriggerMessage", trigger],
  ["Clear cache", "ClearCache", async () => ({})],
  ["Other …", null, other],
];

export class Commands {
  // `station()` gives the station as it is now; answers are shown in `answer`.
  constructor(bar, answer, station) {
    Object.assign(this, { bar, answer, station });
    bar.replaceChildren(
      ...COMMANDS.map(([label, action, build]) =>
        h(
          "button",
          { type: "button", "data-action": action || "other", onclick: (event) => this.clicked(event.target, action, build) },
          label,
        ),
      ),
    );
  }

  async clicked(button, action, build) {
    const request = await build(this.station()).catch((problem) => {
      toast(problem.message, true);
      return null;
    });
    if (request === null) return;
    const [name, body] = action ? [action, request] : [request.action, request.body];
    await busy(button, () => this.run(name, body));
  }

  async start(button, evse) {
    const request = await start(this.station(), evse);
    if (request) await busy(button, () => this.run("RequestStartTransaction", request));
  }

  stop(button, transaction) {
    return busy(button, () => this.run("RequestStopTransaction", { transactionId: transaction }));
  }

  async run(action, body) {
    const from = performance.now();
    this.show(action, "…", "", null, false);
    try {
      const reply = await call(this.station().id, action, body);
      const words = statusOf(reply);
      this.show(
        action,
        words.join(", ") || "Answered",
        reasonOf(reply),
        reply,
        words.some((word) => NO.test(word)),
        performance.now() - from,
      );
    } catch (problem) {
      this.show(action, problem.body?.code || problem.body?.title || "Failed", problem.message, null, true, performance.now() - from);
    }
  }

  show(action, word, reason, reply, bad, took) {
    this.answer.replaceChildren(
      h(
        "div",
        { class: `note answer ${bad ? "bad" : ""}` },
        h(
          "div",
          { class: "answer-head" },
          h("span", { class: "word" }, word),
          h("strong", {}, action),
          took === undefined ? "" : h("span", { class: "muted" }, `${Math.round(took)} ms`),
        ),
        reason && h("div", {}, reason),
        reply && h("details", {}, h("summary", {}, "The whole answer"), coloured(JSON.stringify(reply, null, 2))),
      ),
    );
    if (took !== undefined) this.answer.scrollIntoView({ block: "nearest" });
  }
}

// The word a station answered with; several where the answer has several results.
function statusOf(reply) {
  const results = [...(reply.setVariableResult || []), ...(reply.getVariableResult || [])].map((result) => result.attributeStatus);
  const direct = reply.status || reply.idTokenInfo?.status;
  return direct ? [direct] : [...new Set(results)];
}

function reasonOf(reply) {
  const { reasonCode, additionalInfo } = reply.statusInfo || {};
  return [reasonCode, additionalInfo].filter(Boolean).join(": ");
}
