// Who may charge.

import { $, ask, badge, field, h, select, toast } from "./dom.js";
import { patch, post, remove } from "./api.js";
import { time } from "./format.js";
import { List } from "./list.js";
import { allow, may } from "./roles.js";

const TYPES = ["ISO14443", "ISO15693", "Central", "eMAID", "KeyCode", "Local", "MacAddress", "VIN", "EVCCID", "DirectPayment"];
const STATUSES = ["Accepted", "Blocked", "Expired", "Invalid", "NoCredit"];
const path = (token) => `/tokens/${encodeURIComponent(token.id_token)}`;

const form = (token) => [
  field("Token", "id_token", { required: true, maxlength: 255, value: token.id_token || "", readonly: Boolean(token.id_token) }),
  select("Type", "type", TYPES, token.type), select("Status", "status", STATUSES, token.status),
  field("Group", "group_id_token", { value: token.group_id_token || "" }), field("Expires", "expires_at", { type: "datetime-local", value: (token.expires_at || "").slice(0, 16) }),
  select("Several transactions at once", "concurrent_transactions", [["", "as configured"], "refuse", "accept"], token.concurrent_transactions || ""),
  field("Note", "note", { value: token.note || "" }),
];

async function edit(token) {
  const values = await ask(token.id_token ? `Token ${token.id_token}` : "Add a token", form(token), "Save");
  if (!values) return;
  const body = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value || null]));
  if (body.expires_at) body.expires_at = new Date(body.expires_at).toISOString();
  try {
    if (token.id_token) { delete body.id_token; await patch(path(token), body); } else await post("/tokens", body);
    list.load();
  } catch (problem) {
    toast(problem.message, true);
  }
}

async function forget(token) {
  if (!await ask(`Remove ${token.id_token}?`, [h("p", {}, "It is then an unknown token.")], "Remove")) return;
  await remove(path(token));
  list.load();
}

const list = new List("/tokens", (token) => h("tr", {},
  h("td", { class: "mono" }, token.id_token), h("td", {}, token.type), h("td", {}, badge(token.status)), h("td", { class: "mono" }, token.group_id_token || ""),
  h("td", {}, token.expires_at ? time(token.expires_at) : ""), h("td", {}, token.concurrent_transactions || ""), h("td", {}, token.note || ""),
  h("td", {}, may("operator") ? h("div", { class: "actions" }, h("button", { onclick: () => edit(token) }, "Edit"), h("button", { class: "danger", onclick: () => forget(token) }, "Remove")) : "")));

allow();
$("#add").addEventListener("click", () => edit({}));
await list.load();
