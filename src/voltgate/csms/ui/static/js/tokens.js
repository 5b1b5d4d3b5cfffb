// Who may charge.

import { $, h } from "./dom.js";
import { patch, post, remove } from "./api.js";
import { localInput, time } from "./format.js";
import { List } from "./list.js";
import { ask, badge, busy, field, select, toast } from "./parts.js";
import { may } from "./roles.js";
import { begin } from "./shell.js";

const TYPES = ["ISO14443", "ISO15693", "Central", "eMAID", "KeyCode", "Local", "MacAddress", "VIN", "EVCCID", "DirectPayment"];
const STATUSES = ["Accepted", "Blocked", "Expired", "Invalid", "NoCredit"];
const path = (token) => `/tokens/${encodeURIComponent(token.id_token)}`;

const form = (token) => [
  field("Token", "id_token", {
    required: true,
    maxlength: 255,
    value: token.id_token || "",
    readonly: Boolean(token.id_token),
    spellcheck: "false",
  }),
  select("Type", "type", TYPES, token.type),
  select("Status", "status", STATUSES, token.status),
  field("Group", "group_id_token", { value: token.group_id_token || "" }),
  field("Expires", "expires_at", { type: "datetime-local", value: localInput(token.expires_at) }),
  select(
    "Several transactions at once",
    "concurrent_transactions",
    [["", "as configured"], "refuse", "accept"],
    token.concurrent_transactions || "",
  ),
  field("Note", "note", { value: token.note || "" }),
];

async function edit(token) {
  const values = await ask(token.id_token ? `Token ${token.id_token}` : "Add a token", form(token), "Save");
  if (!values) return;
  const body = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || null]));
  if (body.expires_at) body.expires_at = new Date(body.expires_at).toISOString();
  await changed(async () => {
    if (token.id_token) {
      delete body.id_token;
      await patch(path(token), body);
    } else await post("/tokens", body);
  }, `${values.id_token} is saved`);
}

async function forget(button, token) {
  if (!(await ask(`Remove ${token.id_token}?`, [h("p", {}, "It is then an unknown token. Its transactions stay.")], "Remove", true)))
    return;
  await busy(button, () => changed(() => remove(path(token)), `${token.id_token} is removed`));
}

async function changed(work, done) {
  try {
    await work();
    toast(done);
  } catch (problem) {
    toast(problem.message, true);
  }
  await list.load();
}

const row = (token) =>
  h(
    "tr",
    {},
    h("td", { class: "mono" }, token.id_token),
    h("td", {}, token.type),
    h("td", {}, badge(token.status, token.status === "Accepted" ? "good" : "bad")),
    h("td", { class: "mono" }, token.group_id_token || ""),
    h("td", {}, token.expires_at ? time(token.expires_at) : ""),
    h("td", {}, token.concurrent_transactions || ""),
    h("td", {}, token.note || ""),
    h(
      "td",
      {},
      may("operator")
        ? h(
            "div",
            { class: "actions" },
            h("button", { class: "small", type: "button", "aria-label": `Edit ${token.id_token}`, onclick: () => edit(token) }, "Edit"),
            h(
              "button",
              {
                class: "danger small",
                type: "button",
                "aria-label": `Remove ${token.id_token}`,
                onclick: (event) => forget(event.target, token),
              },
              "Remove",
            ),
          )
        : "",
    ),
  );

const list = new List("/tokens", row, (token) => token.id_token, { none: ["No token", "Add the cards and contracts that may charge."] });
$("#add")?.addEventListener("click", () => edit({}));
begin(() => list.load());
