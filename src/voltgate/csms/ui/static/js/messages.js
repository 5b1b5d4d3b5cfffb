// The message log: every frame of every station.

import { $, later } from "./dom.js";
import { get } from "./api.js";
import { follow } from "./live.js";
import { Frames } from "./frames.js";
import { offerStations } from "./list.js";
import { busy } from "./parts.js";
import { begin } from "./shell.js";

const form = $("#filters");
const filters = () => Object.fromEntries(new FormData(form));
const has = (text, part) => !part || (text || "").toLowerCase().includes(part.toLowerCase());
const is = (text, wanted) => !wanted || text === wanted;

const frames = new Frames($("#rows"), {
  load: (page) => get("/messages", { ...filters(), ...page }),
  fits: (message) => {
    const wanted = filters();
    return (
      has(message.raw, wanted.search) &&
      ["station_id", "action", "kind", "direction"].every((name) => is(message[name], wanted[name.replace("_id", "")]))
    );
  },
  word: () => filters().search,
  station: true,
  more: $("#more"),
  follow: () => $("#follow").checked,
});

function restore() {
  for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) form.elements[name].value = value;
}

function remember() {
  const given = Object.entries(filters()).filter(([, value]) => value);
  history.replaceState(null, "", given.length ? `?${new URLSearchParams(given)}` : location.pathname);
}

form.addEventListener(
  "input",
  later(250, () => {
    remember();
    frames.load(true);
  }),
);
form.addEventListener("submit", (event) => event.preventDefault());
$("#more").addEventListener("click", () => busy($("#more"), () => frames.load(false)));
begin(async () => {
  restore();
  await frames.load(true);
  follow({ message: (message) => frames.arrived(message) }, {}, () => frames.catchUp());
  await offerStations();
});
