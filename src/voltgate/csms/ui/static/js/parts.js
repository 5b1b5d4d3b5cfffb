// Small pieces that many pages show.

import { $, $$, h } from "./dom.js";
import { duration } from "./format.js";

export const state = (word) => h("span", { class: "state", "data-state": word }, word);
export const badge = (text, kind = "", title = null) => h("span", { class: `badge ${kind}`.trim(), title }, text);
export const tile = (label, figure, words = false) =>
  h("div", { class: "card tile" }, h("div", { class: "label" }, label), h("div", { class: words ? "figure words" : "figure" }, figure));
export const empty = (title, text = "") => h("div", { class: "empty" }, h("strong", {}, title), text);
export const emptyRow = (title, text = "") => h("tr", {}, h("td", { colspan: 12, class: "empty" }, h("strong", {}, title), text));
export const stationLink = (id) => h("a", { href: `/stations/${encodeURIComponent(id)}` }, id);

// How long something took, or takes: `shell.js` keeps it ticking.
export const lasting = (from, to) => (from ? h("span", to ? {} : { "data-since": from }, duration(from, to)) : "–");

// `text` with every occurrence of `word` marked, as a list of nodes.
export function marked(text, word) {
  if (!word) return [text];
  const found = [];
  const low = text.toLowerCase();
  const wanted = word.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, from)) {
    found.push(text.slice(from, at), h("mark", {}, text.slice(at, at + word.length)));
    from = at + word.length;
  }
  return [...found, text.slice(from)];
}

export function toast(text, bad = false) {
  const box = h("div", { class: `card note ${bad ? "bad" : ""}`, role: bad ? "alert" : "status" }, text);
  $(".toasts").append(box);
  setTimeout(() => box.remove(), bad ? 9000 : 4000);
}

// Runs `work` while `button` shows that it is busy; a problem becomes a toast, and the result undefined.
export async function busy(button, work) {
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    return await work();
  } catch (problem) {
    toast(problem.message, true);
    return undefined;
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

// A dialog with a form; resolves to the form's values, or null when it was closed. `submit` null: there is nothing to decide.
export function ask(title, fields, submit = "OK", danger = false) {
  return new Promise((resolve) => {
    const form = h(
      "form",
      { method: "dialog" },
      h("h2", {}, title),
      ...fields,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", onclick: () => dialog.close() }, submit ? "Cancel" : "Close"),
        submit && h("button", { class: danger ? "danger" : "primary", type: "submit" }, submit),
      ),
    );
    const dialog = h("dialog", { "aria-label": title }, form);
    let values = null;
    form.addEventListener("submit", () => {
      values = Object.fromEntries(new FormData(form));
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(values);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
    (firstToFill(form) || $("input:not([readonly]), select, textarea", form))?.focus();
  });
}

const firstToFill = (form) => $$("input[required]:not([readonly])", form).find((input) => !input.value);

export const field = (label, name, attributes = {}) => h("label", {}, label, h("input", { name, autocomplete: "off", ...attributes }));

export const select = (label, name, options, chosen) =>
  h(
    "label",
    {},
    label,
    h(
      "select",
      { name },
      ...options.map((option) => {
        const [value, text] = Array.isArray(option) ? option : [option, option];
        return h("option", { value, selected: value === chosen }, text);
      }),
    ),
  );
