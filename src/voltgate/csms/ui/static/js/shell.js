// On every page: theme, log-out, the count of open alarms.

import { $ } from "./dom.js";
import { get, remove } from "./api.js";

const stored = localStorage.getItem("theme");
if (stored) document.documentElement.dataset.theme = stored;

$("#theme").addEventListener("click", () => {
  const dark = (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
});

$("#logout")?.addEventListener("click", async () => {
  await remove("/session");
  location.href = "/login";
});

export async function countAlarms() {
  const { alarms_open: open } = await get("/statistics/overview");
  const mark = $("#alarm-count");
  mark.hidden = !open;
  mark.textContent = open;
}
countAlarms();
