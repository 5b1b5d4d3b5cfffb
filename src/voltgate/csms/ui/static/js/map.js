// Sites on a map that needs no foreign server: country outlines come with voltgate.

import { $, atMost, h, show } from "./dom.js";
import { getAll } from "./api.js";
import { power } from "./format.js";
import { follow } from "./live.js";
import { empty, state } from "./parts.js";
import { begin } from "./shell.js";

const ORDER = ["Faulted", "Charging", "Suspended", "Preparing", "Finishing", "Reserved", "Available", "Unavailable", "Offline"];
const CLOSE = 8;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const marks = new Map();
let map = null;

function start() {
  map = L.map("map", { zoomSnap: 0.5, maxZoom: 12, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still }).setView(
    [48, 9],
    4,
  );
  map.attributionControl.setPrefix("").addAttribution("Outlines: Natural Earth");
}

async function outlines() {
  const topology = await (await fetch("/static/vendor/world-atlas/countries-50m.json")).json();
  L.geoJSON(topojson.feature(topology, topology.objects.countries), {
    interactive: false,
    style: { className: "country", weight: 1.2, fillOpacity: 1, opacity: 1 },
  })
    .addTo(map)
    .bringToBack();
}

function places(sites, stations) {
  const at = (one) => one.latitude !== null && one.longitude !== null;
  const here = sites.filter(at).map((site) => ({ ...site, stations: stations.filter((one) => one.site === site.id) }));
  const alone = stations.filter((one) => at(one) && !here.some((site) => site.id === one.site));
  return [
    ...here,
    ...alone.map((one) => ({
      id: `station ${one.id}`,
      name: one.name || one.id,
      address: "",
      latitude: one.latitude,
      longitude: one.longitude,
      stations: [one],
    })),
  ];
}

function summary(place) {
  const words = place.stations.flatMap((one) => (one.evses.length ? one.evses.map((evse) => evse.state) : ["Offline"]));
  const counts = ORDER.map((word) => [word, words.filter((other) => other === word).length]).filter(([, count]) => count);
  return { counts, top: counts.length ? counts[0][0] : "Offline", watts: place.stations.reduce((sum, one) => sum + (one.power_w || 0), 0) };
}

const describe = (place, { counts, watts }) => [
  h("strong", {}, place.name),
  h("div", { class: "muted" }, place.address || ""),
  h("div", {}, `${place.stations.length} station${place.stations.length === 1 ? "" : "s"} · ${power(watts)}`),
  ...counts.map(([word, count]) => h("div", {}, state(word), ` ${count}`)),
];

const popup = (place, sum) =>
  h(
    "div",
    {},
    ...describe(place, sum),
    h(
      "div",
      {},
      ...place.stations
        .slice(0, 12)
        .map((one) => [h("a", { href: `/stations/${encodeURIComponent(one.id)}` }, one.name || one.id), h("br")]),
    ),
  );

function mark(place) {
  const sum = summary(place);
  let found = marks.get(place.id);
  if (!found) {
    found = L.circleMarker([place.latitude, place.longitude], { weight: 2, fillOpacity: 0.95, className: "mark" })
      .addTo(map)
      .bindTooltip(place.name, { permanent: true, direction: "right", offset: [12, 0], className: "place" })
      .bindPopup("", { minWidth: 180 });
    marks.set(place.id, found);
  }
  found.setRadius(9 + Math.sqrt(place.stations.length) * 2).setPopupContent(() => popup(place, sum));
  found.getElement().dataset.state = sum.top;
  return sum;
}

function card(place) {
  const go = () => {
    map.setView([place.latitude, place.longitude], Math.max(map.getZoom(), CLOSE), { animate: !still });
    marks.get(place.id).openPopup();
  };
  return h("button", { class: "card place-card", type: "button", onclick: go }, ...describe(place, mark(place)));
}

async function load() {
  const [sites, stations] = await Promise.all([getAll("/sites"), getAll("/stations")]);
  const all = places(sites, stations);
  for (const [id, gone] of marks)
    if (!all.some((place) => place.id === id)) {
      gone.remove();
      marks.delete(id);
    }
  show(
    $("#places"),
    all,
    (place) => place.id,
    card,
    () => h("div", { class: "card" }, empty("Nothing to show on the map", "Give a site its latitude and longitude in Settings.")),
  );
  return all;
}

begin(async () => {
  start();
  const [, all] = await Promise.all([outlines(), load()]);
  if (all.length)
    map.fitBounds(
      all.map((place) => [place.latitude, place.longitude]),
      { paddingTopLeft: [40, 40], paddingBottomRight: [130, 40], maxZoom: 6.5 },
    );
  const soon = atMost(3000, load);
  const topics = [
    "connector.status",
    "transaction.started",
    "transaction.ended",
    "meter.sample",
    "station.connected",
    "station.disconnected",
  ];
  follow(Object.fromEntries(topics.map((topic) => [topic, soon])), {}, soon);
});
