// The device model of a station: what it says, what is wished, and changing it.

import { $, h, later, show } from "./dom.js";
import { call, getAll, patch, station as path } from "./api.js";
import { ask, badge, busy, emptyRow, field, marked, select, toast } from "./parts.js";
import { may } from "./roles.js";

const KINDS = { done: "good", waiting: "warn", refused: "bad" };
const MOST = 300;
const WHOLE = /^integer$/i;
const MEASURED = /^(integer|decimal)$/i;

const nameOf = (each) =>
  `${each.component} ${each.component_instance || ""} ${each.evse_id || ""} ${each.variable} ${each.instance || ""} ${each.attribute}`;

// The field that fits what the station says about the variable.
function valueField(each) {
  const values = /boolean/i.test(each.type || "") ? ["true", "false"] : (each.values_list || "").split(",").filter(Boolean);
  if (values.length && /(Option|boolean)/i.test(each.type || "")) return select("New value", "value", values, each.value);
  const limits = MEASURED.test(each.type || "")
    ? { type: "number", step: WHOLE.test(each.type) ? "1" : "any", min: each.min_limit, max: each.max_limit }
    : { maxlength: 2500 };
  return field("New value", "value", { value: each.value ?? "", required: true, ...limits });
}

const about = (each) =>
  [
    each.type,
    each.unit && `in ${each.unit}`,
    each.min_limit !== null && `from ${each.min_limit}`,
    each.max_limit !== null && `up to ${each.max_limit}`,
    each.values_list && `one of ${each.values_list}`,
  ]
    .filter(Boolean)
    .join(", ");

export class Variables {
  constructor(id) {
    this.id = id;
    this.all = [];
    this.form = $("#variable-filters");
    this.form.addEventListener(
      "input",
      later(150, () => this.draw()),
    );
    this.form.addEventListener("submit", (event) => event.preventDefault());
    $("#report")?.addEventListener("click", (event) => busy(event.target, () => this.report()));
  }

  async load() {
    this.all = await getAll(`${path(this.id)}/variables`);
    this.draw();
  }

  draw() {
    const { search, wished } = Object.fromEntries(new FormData(this.form));
    this.word = search;
    const fitting = this.all.filter(
      (each) =>
        `${each.component} ${each.variable} ${each.instance || ""} ${each.value ?? ""}`.toLowerCase().includes(search.toLowerCase()) &&
        (!wished || each.desired !== null),
    );
    $("#variable-count").textContent = fitting.length > MOST ? `${MOST} of ${fitting.length} shown` : `${fitting.length} variables`;
    show(
      $("#variables"),
      fitting.slice(0, MOST),
      nameOf,
      (each) => this.row(each),
      () => (this.all.length ? emptyRow("No variable fits") : emptyRow("Nothing known yet", "Ask the station for a full report.")),
    );
  }

  row(each) {
    const where = [
      each.component_instance && `[${each.component_instance}]`,
      each.evse_id && `EVSE ${each.evse_id}`,
      each.connector_id && `connector ${each.connector_id}`,
    ]
      .filter(Boolean)
      .join(" · ");
    const label = `Set ${each.component} ${each.variable}`;
    return h(
      "tr",
      {},
      h("td", {}, h("span", {}, ...marked(each.component, this.word), where && h("span", { class: "muted" }, ` ${where}`))),
      h(
        "td",
        {},
        h(
          "span",
          {},
          ...marked(each.variable, this.word),
          each.instance && h("span", { class: "muted" }, ` [${each.instance}]`),
          each.attribute === "Actual" ? "" : h("span", { class: "muted" }, ` ${each.attribute}`),
        ),
      ),
      h(
        "td",
        { class: "mono" },
        h("span", {}, ...marked(each.value ?? "–", this.word), each.unit && h("span", { class: "muted" }, ` ${each.unit}`)),
      ),
      h(
        "td",
        {},
        each.desired === null
          ? ""
          : h(
              "span",
              {},
              h("span", { class: "mono" }, each.desired),
              " ",
              badge(each.status, KINDS[each.status]),
              each.reason ? h("span", { class: "muted" }, ` ${each.reason}`) : "",
            ),
      ),
      h(
        "td",
        {},
        each.mutability !== "ReadOnly" && may("operator")
          ? h("button", { type: "button", class: "small", "aria-label": label, onclick: (event) => this.change(event.target, each) }, "Set")
          : "",
      ),
    );
  }

  async change(button, each) {
    const values = await ask(
      `${each.component} · ${each.variable}`,
      [h("p", { class: "muted hint" }, about(each)), valueField(each)],
      "Set",
    );
    if (!values) return;
    const { component, component_instance, variable, evse_id, connector_id, instance, attribute } = each;
    const told = await busy(button, () =>
      patch(`${path(this.id)}/variables`, [
        { component, component_instance, variable, evse_id, connector_id, instance, attribute, value: values.value },
      ]),
    );
    const mine = told?.find((one) => nameOf(one) === nameOf(each)) || told?.[0];
    if (mine)
      toast(
        mine.status === "waiting"
          ? `${variable}: set as soon as the station is there`
          : `${variable}: ${mine.status}${mine.reason ? ` (${mine.reason})` : ""}`,
        mine.status === "refused",
      );
    await this.load();
  }

  async report() {
    const { status } = await call(this.id, "GetBaseReport", {
      requestId: Math.floor(Math.random() * 2 ** 31),
      reportBase: "FullInventory",
    });
    toast(`The station answered ${status}`, status !== "Accepted");
    setTimeout(() => this.load(), 1500);
  }
}
