// A table that follows its filters and loads page after page.

import { $, busy, h, later } from "./dom.js";
import { get } from "./api.js";

export class List {
  // `row(item)` gives a <tr>; `query(values)` may change the filters before they are sent.
  constructor(path, row, { query = (values) => values, limit = 50, key = null } = {}) {
    Object.assign(this, { path, row, query, limit, key, cursor: "" });
    this.body = $("#rows");
    this.more = $("#more");
    const filters = $("#filters");
    filters?.addEventListener("input", later(250, () => this.load()));
    filters?.addEventListener("submit", (event) => { event.preventDefault(); this.load(); });
    this.more.addEventListener("click", () => busy(this.more, () => this.next()));
  }

  values() {
    return this.query($("#filters") ? Object.fromEntries(new FormData($("#filters"))) : {});
  }

  async load() {
    this.cursor = "";
    this.body.setAttribute("aria-busy", "true");
    const page = await this.fetch();
    this.body.replaceChildren(...page.map(this.row));
    if (!page.length) this.body.append(h("tr", {}, h("td", { colspan: 12, class: "empty" }, "Nothing here.")));
    this.body.removeAttribute("aria-busy");
  }

  async next() {
    this.body.append(...(await this.fetch()).map(this.row));
  }

  async fetch() {
    const page = await get(this.path, { ...this.values(), limit: this.limit, cursor: this.cursor });
    this.cursor = page.next_cursor;
    this.more.hidden = !page.next_cursor;
    return page.items;
  }
}
