// The message log: every frame of every station.

import { $ } from "./dom.js";
import { follow } from "./live.js";
import { frame } from "./frames.js";
import { List } from "./list.js";

const list = new List("/messages", (message) => frame(message, { station: true }), { limit: 60 });

function fits(message) {
  const { search, station, action, kind, direction } = Object.fromEntries(new FormData($("#filters")));
  const has = (text, part) => (text || "").toLowerCase().includes(part.toLowerCase());
  return has(message.raw, search) && has(message.station_id, station) && has(message.action, action) && (!kind || message.kind === kind) && (!direction || message.direction === direction);
}

await list.load();
follow({ message: (message) => {
  if (!$("#follow").checked || !fits(message)) return;
  $("#rows .empty")?.closest("tr")?.remove();
  $("#rows").prepend(frame({ at: new Date(message.at_ms).toISOString(), ...message }, { station: true }));
  while ($("#rows").childElementCount > 400) $("#rows").lastElementChild.remove();
} });
