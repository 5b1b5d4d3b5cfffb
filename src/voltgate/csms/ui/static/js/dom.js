// Building elements. Text is always text: nothing a station said can become markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export const state = (word) => h("span", { class: "state", "data-state": word }, word);
export const badge = (text, title) => h("span", { class: "badge", title }, text);

export function toast(text, bad = false) {
  const box = h("div", { class: `card note ${bad ? "bad" : ""}`, role: bad ? "alert" : "status" }, text);
  $(".toasts").append(box);
  setTimeout(() => box.remove(), bad ? 9000 : 4000);
}

// Runs `work` while `button` shows that it is busy; a problem becomes a toast.
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

// A dialog with a form; resolves to the form's values, or null when it was closed.
export function ask(title, fields, submit = "OK") {
  return new Promise((resolve) => {
    const form = h("form", { method: "dialog" },
      h("h2", {}, title), ...fields,
      h("div", { class: "actions" },
        h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        h("button", { class: "primary", type: "submit", value: "ok" }, submit)));
    const dialog = h("dialog", { "aria-label": title }, form);
    let values = null;
    form.addEventListener("submit", () => { values = Object.fromEntries(new FormData(form)); });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(values); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const field = (label, name, attributes = {}) => h("label", {}, label, h("input", { name, ...attributes }));

export const select = (label, name, options, chosen) => h("label", {}, label,
  h("select", { name }, ...options.map((option) => {
    const [value, text] = Array.isArray(option) ? option : [option, option];
    return h("option", { value, selected: value === chosen }, text);
  })));

export function later(milliseconds, work) {
  let timer;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => work(...values), milliseconds); };
}
