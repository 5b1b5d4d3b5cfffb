// OCPP frames as lines that open. A call and its answer know each other: how long it took, and a way from one to the other.

import { $, h } from "./dom.js";
import { get } from "./api.js";
import { clock, time } from "./format.js";
import { coloured, pretty } from "./json.js";
import { empty, marked, stationLink } from "./parts.js";

const ARROW = { in: "→", out: "←" };
const WAY = { in: "from the station", out: "to the station" };
const ANSWERS = { CALLRESULT: "answer", CALLERROR: "error", CALLRESULTERROR: "answer refused", SEND: "send", BROKEN: "broken" };
const ENVELOPE = /^\s*\[\s*[2-6]\s*,\s*"[^"]*"\s*,(?:\s*"[^"]*"\s*,)?/;
const MOST = 400;
const BEFORE_HIT = 40;

// What fits on one line: the payload, or what is around the hit.
function preview(whole, word) {
  const payload = whole.replace(ENVELOPE, "").replace(/\]\s*$/, "");
  const raw = word && !payload.toLowerCase().includes(word.toLowerCase()) ? whole : payload;
  const at = word ? raw.toLowerCase().indexOf(word.toLowerCase()) : -1;
  const start = at > 2 * BEFORE_HIT ? at - BEFORE_HIT : 0;
  return marked((start ? "…" : "") + raw.slice(start, start + 300), word);
}

function inside(message, word) {
  return [
    message.note && h("p", { class: "note warn" }, message.note),
    h(
      "p",
      { class: "muted hint" },
      `${time(message.at)} · ${WAY[message.direction]} · OCPP ${message.version} · ${message.message_id ? `id ${message.message_id}` : "no id"}`,
    ),
    coloured(pretty(message.raw), word),
    message.canonical && [
      h("p", { class: "muted hint" }, "The same in OCPP 2.1:"),
      coloured(JSON.stringify(message.canonical, null, 2), word),
    ],
  ];
}

export class Frames {
  // `load({cursor, limit})` gives a page of messages; `fits(message)` whether a new one belongs here; `word()` what is searched for.
  constructor(place, { load, fits, word, station = false, more, follow = () => true }) {
    Object.assign(this, {
      place,
      loadPage: load,
      fits,
      word,
      station,
      more,
      follow,
      cursor: "",
      waiting: [],
      turn: 0,
      pairs: new Map(),
      known: new Set(),
    });
    place.classList.toggle("all", station);
    this.note = h("button", { type: "button", class: "small", hidden: true, onclick: () => this.showWaiting() });
    this.note.hidden = true;
    place.before(this.note);
  }

  async load(fresh) {
    const mine = ++this.turn;
    const page = await this.loadPage({ cursor: fresh ? "" : this.cursor, limit: 60 });
    if (mine !== this.turn) return; // the filters have changed meanwhile
    this.cursor = page.next_cursor;
    this.more.hidden = !this.cursor;
    if (fresh) {
      this.pairs.clear();
      this.known.clear();
      this.place.replaceChildren();
      this.waiting = [];
      this.note.hidden = true;
    }
    this.place.append(...page.items.map((message) => this.line(message)));
    page.items.forEach((message) => this.known.add(message.id));
    if (!this.place.childElementCount) this.place.append(empty("No frame fits", "Frames appear here as stations speak."));
    this.place.removeAttribute("aria-busy");
  }

  // A frame that was just sent or received. While one is open to be read, new ones wait.
  arrived({ at_ms: at, ...message }) {
    if (this.follow() && this.fits(message)) this.add([{ at: new Date(at).toISOString(), ...message }]);
  }

  // What came while nobody listened; what is shown stays as it is, unless the gap is longer than a page.
  async catchUp() {
    const mine = this.turn;
    const { items } = await this.loadPage({ cursor: "", limit: 60 });
    if (mine !== this.turn || !this.follow()) return;
    if (items.length && this.known.size && !items.some((message) => this.known.has(message.id))) await this.load(true);
    else this.add(items.reverse());
  }

  add(messages) {
    const fresh = messages.filter((message) => !this.known.has(message.id));
    if (!fresh.length) return;
    fresh.forEach((message) => this.known.add(message.id));
    this.waiting.push(...fresh);
    if ($("details[open]", this.place)) {
      this.note.hidden = false;
      this.note.textContent = `${this.waiting.length} new · show`;
    } else this.showWaiting();
  }

  showWaiting() {
    $(".empty", this.place)?.remove();
    for (const message of this.waiting.splice(0)) {
      const line = this.line(message);
      line.classList.add("fresh");
      this.place.prepend(line);
    }
    this.note.hidden = true;
    while (this.place.childElementCount > MOST) this.place.lastElementChild.remove();
  }

  line(message) {
    const body = h("div", { class: "inside" });
    const pair = h("span", { class: "pair" });
    const kind = ANSWERS[message.kind];
    const details = h(
      "details",
      { class: `frame ${/ERROR|BROKEN/.test(message.kind) ? "bad" : ""}`, "data-direction": message.direction, "data-id": message.id },
      h(
        "summary",
        {},
        h("time", { datetime: message.at }, clock(message.at)),
        h(
          "span",
          { class: "arrow", title: WAY[message.direction], role: "img", "aria-label": WAY[message.direction] },
          ARROW[message.direction],
        ),
        this.station && h("span", { class: "who" }, message.station_id),
        h("span", { class: "what" }, message.action || message.kind, kind && message.action && h("span", { class: "muted" }, ` ${kind}`)),
        h("span", { class: "mono preview" }, ...preview(message.raw, this.word())),
        pair,
      ),
      body,
    );
    details.addEventListener("toggle", () => {
      if (details.open) this.open(message, body);
    });
    this.pair(message, details, pair);
    return details;
  }

  // The stream says less than the log: the text in 2.1 is asked for when it is wanted.
  async complete(message) {
    const path = `/stations/${encodeURIComponent(message.station_id)}/messages`;
    const { items } = await get(path, { search: message.message_id, limit: 10 });
    message.canonical = items.find((one) => one.id === message.id)?.canonical ?? null;
  }

  async open(message, body) {
    if (message.canonical === undefined && message.message_id) await this.complete(message).catch(() => null);
    const other = this.other(message);
    const links = h(
      "div",
      { class: "actions" },
      this.station && h("span", { class: "grow" }, stationLink(message.station_id)),
      other &&
        h(
          "button",
          { type: "button", class: "small", onclick: () => jump(other.details) },
          message.kind === "CALL" ? "Go to its answer" : "Go to its call",
        ),
    );
    body.replaceChildren(...[inside(message, this.word()), links].flat(3).filter(Boolean));
  }

  other(message) {
    const { call, answer } = this.pairs.get(keyOf(message)) || {};
    return message.kind === "CALL" ? answer : call;
  }

  pair(message, details, place) {
    if (!message.message_id) return;
    const pair = this.pairs.get(keyOf(message)) || {};
    pair[message.kind === "CALL" ? "call" : "answer"] = { message, details, place };
    this.pairs.set(keyOf(message), pair);
    if (!pair.call || !pair.answer) return;
    const milliseconds = new Date(pair.answer.message.at) - new Date(pair.call.message.at);
    if (milliseconds > 0) pair.answer.place.textContent = `after ${milliseconds} ms`;
  }
}

// An answer travels against its call.
function keyOf({ station_id: station, message_id: id, direction, kind }) {
  const asked = kind === "CALL" || kind === "SEND" ? direction : { in: "out", out: "in" }[direction];
  return `${station} ${asked} ${id}`;
}

function jump(details) {
  details.open = true;
  details.scrollIntoView({ block: "center" });
  $("summary", details).focus();
}
