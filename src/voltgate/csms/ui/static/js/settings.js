// Sites, and who gets in.

import { $, ask, busy, field, h, select, toast } from "./dom.js";
import { get, patch, post, remove } from "./api.js";
import { time } from "./format.js";
import { allow, may } from "./roles.js";

const ROLES = ["viewer", "operator", "admin"];
const fill = (body, items, row, columns) => $(body).replaceChildren(...(items.length ? items.map(row) : [h("tr", {}, h("td", { colspan: columns, class: "empty" }, "None yet."))]));

// Runs a change and shows the table again; a problem becomes a toast.
async function changed(work, show) {
  try { await work(); } catch (problem) { toast(problem.message, true); }
  await show();
}

const removeButton = (name, path, show) => h("button", { class: "danger", onclick: async () => {
  if (await ask(`Remove ${name}?`, [], "Remove")) await changed(() => remove(path), show);
} }, "Remove");

const siteFields = (site) => [field("Name", "name", { required: true, value: site.name || "" }), field("Address", "address", { value: site.address || "" }),
  field("Latitude", "latitude", { type: "number", step: "any", min: -90, max: 90, value: site.latitude ?? "" }), field("Longitude", "longitude", { type: "number", step: "any", min: -180, max: 180, value: site.longitude ?? "" })];

async function editSite(site) {
  const values = await ask(site.id ? site.name : "Add a site", siteFields(site), "Save");
  if (!values) return;
  const number = (text) => (text === "" ? null : Number(text));
  const body = { name: values.name, address: values.address || null, latitude: number(values.latitude), longitude: number(values.longitude) };
  await changed(() => (site.id ? patch(`/sites/${encodeURIComponent(site.id)}`, body) : post("/sites", body)), sites);
}

async function sites() {
  fill("#sites", (await get("/sites", { limit: 200 })).items, (site) => h("tr", {}, h("td", {}, site.name), h("td", {}, site.address || ""),
    h("td", { class: "num" }, site.latitude ?? ""), h("td", { class: "num" }, site.longitude ?? ""),
    h("td", {}, may("operator") ? h("div", { class: "actions" }, h("button", { onclick: () => editSite(site) }, "Edit"), removeButton(site.name, `/sites/${encodeURIComponent(site.id)}`, sites)) : "")), 5);
}

async function operators() {
  fill("#operators", (await get("/operators")).items, (one) => h("tr", {}, h("td", {}, one.name), h("td", {}, one.role),
    h("td", {}, h("div", { class: "actions" }, removeButton(one.name, `/operators/${encodeURIComponent(one.name)}`, operators)))), 3);
}

async function keys() {
  fill("#keys", (await get("/api-keys")).items, (one) => h("tr", {}, h("td", {}, one.name), h("td", {}, one.role), h("td", { class: "mono" }, `${one.prefix}…`),
    h("td", {}, h("div", { class: "actions" }, removeButton(one.name, `/api-keys/${encodeURIComponent(one.id ?? one.name)}`, keys)))), 4);
}

async function audit() {
  fill("#audit", (await get("/audit", { limit: 50 })).items, (one) => h("tr", {}, h("td", {}, time(one.at)), h("td", {}, one.operator),
    h("td", { class: "mono" }, `${one.method} ${one.path}`), h("td", {}, String(one.status))), 4);
}

$("#add-site").addEventListener("click", () => editSite({}));
$("#add-operator").addEventListener("click", async () => {
  const values = await ask("Add an operator", [field("Name", "name", { required: true }), field("Password", "password", { type: "password", required: true, minlength: 10, autocomplete: "new-password" }), select("Role", "role", ROLES)], "Add");
  if (values) await changed(() => post("/operators", values), operators);
});
$("#add-key").addEventListener("click", async () => {
  const values = await ask("Add an API key", [field("Name", "name", { required: true }), select("Role", "role", ROLES)], "Add");
  if (!values) return;
  await busy($("#add-key"), async () => {
    const made = await post("/api-keys", values);
    await ask(`The key of ${made.name}, shown only now`, [h("pre", {}, made.key)], "Done");
  });
  keys();
});

allow();
await sites();
if (may("admin")) await Promise.all([operators(), keys(), audit()]);
