// Sites, and who gets in.

import { $, h, show } from "./dom.js";
import { get, getAll, patch, post, remove } from "./api.js";
import { time } from "./format.js";
import { ask, badge, busy, emptyRow, field, select, toast } from "./parts.js";
import { may } from "./roles.js";
import { begin } from "./shell.js";

const ROLES = [
  ["viewer", "viewer: sees everything"],
  ["operator", "operator: commands stations"],
  ["admin", "admin: decides who gets in"],
];
const password = (label, attributes) =>
  field(label, "password", { type: "password", minlength: 8, autocomplete: "new-password", ...attributes });

// Runs a change and shows the table again; a problem becomes a toast.
async function changed(work, draw) {
  try {
    await work();
  } catch (problem) {
    toast(problem.message, true);
  }
  await draw();
}

const editButton = (name, edit) => h("button", { type: "button", class: "small", "aria-label": `Edit ${name}`, onclick: edit }, "Edit");
const removeButton = (name, path, draw, text) =>
  h(
    "button",
    {
      type: "button",
      class: "danger small",
      "aria-label": `Remove ${name}`,
      onclick: async () => {
        if (await ask(`Remove ${name}?`, [h("p", {}, text)], "Remove", true)) await changed(() => remove(path), draw);
      },
    },
    "Remove",
  );

const siteFields = (site) => [
  field("Name", "name", { required: true, value: site.name || "" }),
  field("Address", "address", { value: site.address || "" }),
  field("Latitude", "latitude", { type: "number", step: "any", min: -90, max: 90, value: site.latitude ?? "" }),
  field("Longitude", "longitude", { type: "number", step: "any", min: -180, max: 180, value: site.longitude ?? "" }),
];

async function editSite(site) {
  const values = await ask(site.id ? site.name : "Add a site", siteFields(site), "Save");
  if (!values) return;
  const degrees = (text) => (text === "" ? null : Number(text));
  const body = {
    name: values.name,
    address: values.address || null,
    latitude: degrees(values.latitude),
    longitude: degrees(values.longitude),
  };
  await changed(() => (site.id ? patch(`/sites/${encodeURIComponent(site.id)}`, body) : post("/sites", body)), sites);
}

async function sites() {
  const row = (site) =>
    h(
      "tr",
      {},
      h("td", {}, site.name),
      h("td", {}, site.address || ""),
      h("td", { class: "num" }, site.latitude === null ? "" : String(site.latitude)),
      h("td", { class: "num" }, site.longitude === null ? "" : String(site.longitude)),
      h(
        "td",
        {},
        may("operator")
          ? h(
              "div",
              { class: "actions" },
              editButton(site.name, () => editSite(site)),
              removeButton(site.name, `/sites/${encodeURIComponent(site.id)}`, sites, "Its stations stay, without a site."),
            )
          : "",
      ),
    );
  show(
    $("#sites"),
    await getAll("/sites"),
    (site) => site.id,
    row,
    () => emptyRow("No site yet", "Sites group stations on the overview and the map."),
  );
}

async function editOperator(one) {
  const values = await ask(one.name, [select("Role", "role", ROLES, one.role), password("New password (empty keeps it)", {})], "Save");
  if (values)
    await changed(
      () =>
        patch(`/operators/${encodeURIComponent(one.name)}`, {
          role: values.role,
          ...(values.password ? { password: values.password } : {}),
        }),
      operators,
    );
}

async function addOperator() {
  const values = await ask(
    "Add an operator",
    [
      field("Name", "name", { required: true, pattern: "[A-Za-z0-9_.@\\-]{1,64}" }),
      password("Password", { required: true }),
      select("Role", "role", ROLES),
    ],
    "Add",
  );
  if (values) await changed(() => post("/operators", values), operators);
}

async function operators() {
  const row = (one) =>
    h(
      "tr",
      {},
      h("td", {}, one.name),
      h("td", {}, badge(one.role)),
      h("td", {}, time(one.created_at)),
      h(
        "td",
        {},
        h(
          "div",
          { class: "actions" },
          editButton(one.name, () => editOperator(one)),
          removeButton(one.name, `/operators/${encodeURIComponent(one.name)}`, operators, "Open sessions end at once."),
        ),
      ),
    );
  show(
    $("#operators"),
    await getAll("/operators"),
    (one) => one.name,
    row,
    () => emptyRow("No operator yet", "People log in with a name and a password; programs use API keys."),
  );
}

async function addKey() {
  const values = await ask(
    "Add an API key",
    [field("Name", "name", { required: true, maxlength: 100, placeholder: "what it is for" }), select("Role", "role", ROLES)],
    "Add",
  );
  if (!values) return;
  await busy($("#add-key"), async () => {
    const made = await post("/api-keys", values);
    await ask(`The key of ${made.name}`, [h("p", {}, "It is shown only now:"), h("pre", {}, made.key)], null);
  });
  await keys();
}

async function keys() {
  const row = (one) =>
    h(
      "tr",
      {},
      h("td", {}, one.name),
      h("td", {}, badge(one.role)),
      h("td", { class: "mono" }, `${one.prefix}…`),
      h("td", {}, time(one.created_at)),
      h("td", {}, one.created_by),
      h(
        "td",
        {},
        h(
          "div",
          { class: "actions" },
          removeButton(one.name, `/api-keys/${encodeURIComponent(one.id)}`, keys, "Programs that use it are refused from now on."),
        ),
      ),
    );
  show(
    $("#keys"),
    await getAll("/api-keys"),
    (one) => one.id,
    row,
    () => emptyRow("No key yet"),
  );
}

let entries = [];
let cursor = "";
async function audit(fresh = true) {
  const page = await get("/audit", { limit: 25, cursor: fresh ? "" : cursor });
  entries = fresh ? page.items : [...entries, ...page.items];
  cursor = page.next_cursor;
  $("#more-audit").hidden = !cursor;
  const row = (one) =>
    h(
      "tr",
      {},
      h("td", {}, time(one.at)),
      h("td", {}, one.operator),
      h("td", { class: "mono" }, `${one.method} ${one.path.replace("/api/v1", "")}`),
      h("td", {}, badge(String(one.status), one.status < 400 ? "good" : "bad")),
    );
  show(
    $("#audit"),
    entries,
    (one) => one.id,
    row,
    () => emptyRow("Nothing was changed yet"),
  );
}

$("#add-site")?.addEventListener("click", () => editSite({ latitude: null, longitude: null }));
$("#add-operator")?.addEventListener("click", addOperator);
$("#add-key")?.addEventListener("click", addKey);
$("#more-audit")?.addEventListener("click", (event) => busy(event.target, () => audit(false)));
begin(async () => {
  await sites();
  if (may("admin")) await Promise.all([operators(), keys(), audit()]);
});
