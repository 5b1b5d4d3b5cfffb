// OCPP frames as lines that open: time, direction, what it is, and the whole text.

import { h } from "./dom.js";
import { clock, time } from "./format.js";

const ARROW = { in: "→", out: "←" };

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

export function frame(message, { station = false } = {}) {
  const body = h("div", {});
  const details = h("details", { class: `frame ${/ERROR|BROKEN/.test(message.kind) ? "bad" : ""}`, "data-id": message.id },
    h("summary", {},
      h("time", { datetime: message.at, title: time(message.at) }, clock(message.at)),
      h("span", { class: "arrow", title: message.direction === "in" ? "from the station" : "to the station" }, ARROW[message.direction]),
      station ? h("strong", {}, message.station_id) : null,
      h("span", { class: "what" }, message.action || message.kind, message.kind === "CALL" ? "" : h("span", { class: "muted" }, message.action ? ` ${message.kind.toLowerCase()}` : "")),
      h("span", { class: "mono preview" }, message.raw)), body);
  details.addEventListener("toggle", () => {
    if (!details.open || body.childElementCount) return;
    body.append(message.note ? h("p", { class: "note warn" }, message.note) : "", h("pre", {}, pretty(message.raw)));
    if (message.canonical) body.append(h("p", { class: "muted" }, "In OCPP 2.1:"), h("pre", {}, JSON.stringify(message.canonical, null, 2)));
  });
  return details;
}
