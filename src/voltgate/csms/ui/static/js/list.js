// A table that follows its filters, loads page after page, and is brought up to date in place.

import { $, h, later, show } from "./dom.js";
import { busy, emptyRow } from "./parts.js";
import { get } from "./api.js";

export class List {
  // `draw(item)` gives a <tr>, `key(item)` what it is known by; `query(values)` may change the filters before they are sent.
  constructor(path, draw, key, { query = (values) => values, limit = 50, none = ["Nothing here", ""] } = {}) {
    Object.assign(this, {
      path,
      draw,
      key,
      query,
      limit,
      none,
      cursor: "",
      items: [],
      turn: 0,
      body: $("#rows"),
      more: $("#more"),
      form: $("#filters"),
    });
    this.form?.addEventListener(
      "input",
      later(250, () => this.load()),
    );
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.load();
    });
    this.more.addEventListener("click", () => busy(this.more, () => this.next()));
  }

  values() {
    return this.query(this.form ? Object.fromEntries(new FormData(this.form)) : {});
  }

  async load() {
    const mine = ++this.turn;
    const items = await this.fetch("", this.limit, mine);
    if (mine === this.turn) this.show(items);
  }

  // The same rows as now, as they are now.
  async refresh() {
    const mine = this.turn;
    const items = await this.fetch("", Math.min(500, Math.max(this.limit, this.items.length)), mine);
    if (mine === this.turn) this.show(items); // the filters may have changed meanwhile
  }

  async next() {
    const mine = ++this.turn;
    const items = await this.fetch(this.cursor, this.limit, mine);
    if (mine === this.turn) this.show([...this.items, ...items]);
  }

  show(items) {
    this.items = items;
    show(this.body, this.items, this.key, this.draw, () => emptyRow(...this.none));
  }

  async fetch(cursor, limit, mine) {
    const page = await get(this.path, { ...this.values(), limit, cursor });
    if (mine !== this.turn) return page.items;
    this.cursor = page.next_cursor;
    this.more.hidden = !page.next_cursor;
    return page.items;
  }
}

// Offers the ids of stations in a <datalist>.
export async function offerStations(list = $("#station-ids")) {
  const { items } = await get("/stations", { limit: 200 });
  list.replaceChildren(...items.map((one) => h("option", { value: one.id }, one.name || "")));
}
