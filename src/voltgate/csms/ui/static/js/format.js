// Numbers and times as people read them.

const KILO = 1000;

export function power(watts) {
  if (watts === null || watts === undefined) return "–";
  if (Math.abs(watts) >= KILO * KILO) return `${(watts / KILO / KILO).toFixed(2)} MW`;
  return Math.abs(watts) >= KILO ? `${(watts / KILO).toFixed(1)} kW` : `${Math.round(watts)} W`;
}

export function energy(wattHours) {
  if (wattHours === null || wattHours === undefined) return "–";
  if (Math.abs(wattHours) >= KILO * KILO) return `${(wattHours / KILO / KILO).toFixed(2)} MWh`;
  if (Math.abs(wattHours) >= 100 * KILO) return `${(wattHours / KILO).toFixed(1)} kWh`;
  return Math.abs(wattHours) >= KILO ? `${(wattHours / KILO).toFixed(2)} kWh` : `${Math.round(wattHours)} Wh`;
}

export function time(text) {
  if (!text) return "–";
  const at = new Date(text);
  const today = new Date().toDateString() === at.toDateString();
  return at.toLocaleString([], today ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
}

export function clock(text) {
  const at = new Date(text);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

export function ago(text) {
  if (!text) return "never";
  const seconds = Math.max(0, (Date.now() - new Date(text)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function duration(from, to) {
  const seconds = Math.max(0, Math.floor(((to ? new Date(to) : new Date()) - new Date(from)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes} min ${seconds % 60} s`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
}

// A moment as <input type="datetime-local"> wants it: local, without zone.
export function localInput(text) {
  if (!text) return "";
  const at = new Date(text);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
