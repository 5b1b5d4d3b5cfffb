// On every page: theme, log-out, the count of open alarms, the key that finds the search, ticking durations.

import { $, $$, h } from "./dom.js";
import { get, remove } from "./api.js";
import { duration } from "./format.js";
import { toast } from "./parts.js";

$("#theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  dispatchEvent(new Event("theme"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("theme")));

$("#logout")?.addEventListener("click", async () => {
  await remove("/session");
  location.href = "/login";
});

addEventListener("keydown", (event) => {
  if (
    event.key !== "/" ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    $("dialog[open]") ||
    /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.nodeName)
  )
    return;
  const search = $$("input[name=search], [role=search] input").find((input) => input.offsetParent);
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// They do nothing before this script runs, so the page comes with them disabled.
for (const button of $$("#theme, #logout")) button.disabled = false;

setInterval(
  () =>
    $$("[data-since]").forEach((element) => {
      element.textContent = duration(element.dataset.since);
    }),
  1000,
);

export async function countAlarms(known) {
  const open = known ?? (await get("/statistics/overview")).alarms_open;
  const mark = $("#alarm-count");
  mark.hidden = !open;
  mark.textContent = open > 99 ? "99+" : open;
  mark.setAttribute("aria-label", `${open} open`);
}

// Runs a page's beginning; what goes wrong is said in its place.
export async function begin(work, place = $("#main")) {
  try {
    await work();
  } catch (problem) {
    if (problem.status === 401) return;
    place.replaceChildren(
      h(
        "div",
        { class: "card empty", role: "alert" },
        h("strong", {}, problem.status === 404 ? "Not found" : "This page could not be filled"),
        h("p", {}, problem.message),
        h("button", { type: "button", onclick: () => location.reload() }, "Try again"),
      ),
    );
  }
}

countAlarms().catch((problem) => toast(problem.message, true));
