// Numbers and times as people read them.

const KILO = 1000;

export function power(watts) {
  if (watts === null || watts === undefined) return "–";
  return Math.abs(watts) >= KILO ? `${(watts / KILO).toFixed(1)} kW` : `${Math.round(watts)} W`;
}

export function energy(wattHours) {
  if (wattHours === null || wattHours === undefined) return "–";
  if (Math.abs(wattHours) >= KILO * KILO) return `${(wattHours / KILO / KILO).toFixed(2)} MWh`;
  return Math.abs(wattHours) >= KILO ? `${(wattHours / KILO).toFixed(2)} kWh` : `${Math.round(wattHours)} Wh`;
}

export function time(text) {
  if (!text) return "–";
  const at = new Date(text);
  const today = new Date().toDateString() === at.toDateString();
  return at.toLocaleString([], today ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
}

export const clock = (text) => new Date(text).toLocaleTimeString([], { hour12: false }) + "." + String(new Date(text).getMilliseconds()).padStart(3, "0");

export function ago(text) {
  if (!text) return "never";
  const seconds = Math.max(0, (Date.now() - new Date(text)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function duration(from, to) {
  const minutes = Math.max(0, Math.floor(((to ? new Date(to) : new Date()) - new Date(from)) / 60000));
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
}
