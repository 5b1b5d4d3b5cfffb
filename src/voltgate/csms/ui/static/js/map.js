// Sites on a map that needs no foreign server: country outlines come with voltgate.

import { $, h, later, state } from "./dom.js";
import { get } from "./api.js";
import { power } from "./format.js";
import { follow } from "./live.js";

const ORDER = ["Faulted", "Charging", "Suspended", "Preparing", "Finishing", "Reserved", "Available", "Unavailable", "Offline"];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COLOURS = { Faulted: "--faulted", Charging: "--charging", Suspended: "--suspended", Preparing: "--preparing", Available: "--available" };

const map = L.map("map", { attributionControl: true, zoomSnap: 0.5, maxZoom: 12 }).setView([50, 8], 5);
map.attributionControl.setPrefix("").addAttribution("Outlines: Natural Earth");
const outlines = await (await fetch("/static/vendor/world-atlas/countries-50m.json")).json();
L.geoJSON(topojson.feature(outlines, outlines.objects.countries), { interactive: false, style: { color: colour("--line"), weight: 1.2, fillColor: colour("--surface-2"), fillOpacity: 1 } }).addTo(map);
const marks = L.layerGroup().addTo(map);
let framed = false;

function places(sites, stations) {
  const found = sites.filter((site) => site.latitude !== null && site.longitude !== null)
    .map((site) => ({ ...site, stations: stations.filter((one) => one.site === site.id) }));
  const alone = stations.filter((one) => one.latitude !== null && one.longitude !== null && !sites.some((site) => site.id === one.site && site.latitude !== null));
  return [...found, ...alone.map((one) => ({ id: one.id, name: one.name || one.id, address: "", latitude: one.latitude, longitude: one.longitude, stations: [one] }))];
}

function summary(place) {
  const words = place.stations.flatMap((one) => one.evses.map((evse) => evse.state));
  const counts = ORDER.map((word) => [word, words.filter((other) => other === word).length]).filter(([, count]) => count);
  return { counts, top: counts.length ? counts[0][0] : "Offline", watts: place.stations.reduce((sum, one) => sum + (one.power_w || 0), 0) };
}

const describe = (place, { counts, watts }) => h("div", {}, h("strong", {}, place.name), h("div", { class: "muted" }, place.address || ""),
  h("div", {}, `${place.stations.length} stations · ${power(watts)}`), ...counts.map(([word, count]) => h("div", {}, state(word), ` ${count}`)));

function draw(sites, stations) {
  const all = places(sites, stations);
  marks.clearLayers();
  $("#places").replaceChildren(...all.map((place) => {
    const sum = summary(place);
    const mark = L.circleMarker([place.latitude, place.longitude], { radius: 9 + Math.sqrt(place.stations.length) * 2, color: colour("--surface"), weight: 2,
      fillColor: colour(COLOURS[sum.top] || "--offline"), fillOpacity: 0.95 }).bindPopup(() => describe(place, sum)).bindTooltip(place.name, { permanent: true, direction: "right", offset: [12, 0], className: "place" }).addTo(marks);
    return h("button", { class: "card place-card", type: "button", onclick: () => { map.setView([place.latitude, place.longitude], 7); mark.openPopup(); } }, describe(place, sum));
  }));
  if (!framed && all.length) { map.fitBounds(all.map((place) => [place.latitude, place.longitude]), { padding: [60, 60], maxZoom: 6.5 }); framed = true; }
}

async function load() {
  const [sites, stations] = await Promise.all([get("/sites", { limit: 200 }), get("/stations", { limit: 200 })]);
  draw(sites.items, stations.items);
}

const soon = later(1500, load);
await load();
follow({ "connector.status": soon, "transaction.started": soon, "transaction.ended": soon, "meter.sample": soon, "station.connected": soon, "station.disconnected": soon });
