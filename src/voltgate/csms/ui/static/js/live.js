// What happens right now, by server-sent events. The browser reconnects by itself and says the last id it saw.

import { $ } from "./dom.js";

// `handlers`: topic -> function(data). `filters`: { station: id }.
export function follow(handlers, filters = {}) {
  const query = new URLSearchParams({ topics: Object.keys(handlers).join(","), ...filters });
  const source = new EventSource(`/api/v1/events?${query}`);
  for (const [topic, handler] of Object.entries(handlers)) {
    source.addEventListener(topic, (event) => handler(JSON.parse(event.data)));
  }
  source.addEventListener("open", () => connection(true));
  source.addEventListener("error", () => connection(false));
  addEventListener("pagehide", () => source.close());
  return source;
}

function connection(up) {
  const line = $("#live");
  line.dataset.state = up ? "Charging" : "Offline";
  line.textContent = up ? "Live" : "Reconnecting";
}
