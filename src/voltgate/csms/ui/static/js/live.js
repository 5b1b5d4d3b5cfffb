// What happens right now, by server-sent events. A page nobody looks at gives its connection back: browsers have few per server.

import { $ } from "./dom.js";
import { get } from "./api.js";

const PATIENCE_MS = 20000;
const RETRY_MS = 5000;

// `handlers`: topic -> function(data). `filters`: { station: id }. `again` runs when the page may have missed something.
export function follow(handlers, filters = {}, again = () => {}) {
  const query = new URLSearchParams({ topics: Object.keys(handlers).join(","), ...filters });
  let source = null;
  let missed = true; // what happened between the page's first questions and now
  const open = () => {
    source = new EventSource(`/api/v1/events?${query}`);
    for (const [topic, handler] of Object.entries(handlers)) source.addEventListener(topic, (event) => handler(JSON.parse(event.data)));
    source.addEventListener("open", () => {
      connection(true);
      if (missed) again();
      missed = false;
    });
    source.addEventListener("error", () => {
      connection(false);
      missed = true;
      if (source?.readyState === EventSource.CLOSED) retry();
    });
  };
  // The browser has given up: the session may have ended, which the question tells and log-in mends.
  const retry = () => setTimeout(() => get("/session").then(open, retry), RETRY_MS);
  const close = () => {
    source?.close();
    source = null;
    missed = true;
  };
  let timer;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, PATIENCE_MS);
    else if (!source) open();
  });
  $("#live").hidden = false;
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (event.persisted && !source) open();
  });
  open();
}

function connection(up) {
  const line = $("#live");
  line.dataset.live = up ? "up" : "down";
  line.textContent = up ? "Live" : "Reconnecting";
}
