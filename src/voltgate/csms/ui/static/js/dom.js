// Building and updating elements. Text is always text: nothing a station said can become markup.

const HANDLERS = ["onclick", "onsubmit", "onchange", "ontoggle"];
const OF_THE_PERSON = new Set(["open", "aria-busy", "disabled"]);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on"))
    element[name] = value; // a property, so that `morph` can hand it on
  else if (name === "style") element.style.cssText = value;
  else element.setAttribute(name, value === true ? "" : value);
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// Makes `old` look like `fresh` and keeps what it can, so that focus, selection, scrolling and open details survive an update.
function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  attributes(old, fresh);
  for (const name of HANDLERS) if (old[name] !== fresh[name]) old[name] = fresh[name];
  children(old, [...fresh.childNodes]);
  return old;
}

function attributes(old, fresh) {
  for (const { name, value } of [...fresh.attributes])
    if (old.getAttribute(name) !== value && !OF_THE_PERSON.has(name)) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !OF_THE_PERSON.has(name)) old.removeAttribute(name);
}

function children(old, wanted) {
  wanted.forEach((child, index) => {
    const there = old.childNodes[index];
    if (there) morph(there, child);
    else old.append(child);
  });
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}

// The contents of an element, updated in place.
export const fill = (element, ...contents) => children(element, [...h("div", {}, ...contents).childNodes]);

// One child per item, known by its key: children are kept, moved, added and removed as the items are.
export function show(container, items, key, draw, none = null) {
  const known = new Map([...container.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const fresh = draw(item);
    fresh.dataset.key = key(item);
    label(container, fresh);
    const kept = known.get(fresh.dataset.key);
    known.delete(fresh.dataset.key);
    return kept ? morph(kept, fresh) : fresh;
  });
  if (!wanted.length && none) wanted.push(none());
  wanted.forEach((child, index) => {
    if (container.children[index] !== child) container.insertBefore(child, container.children[index] ?? null);
  });
  while (container.children.length > wanted.length) container.lastElementChild.remove();
  container.removeAttribute("aria-busy");
}

// On phones each cell shows the name of its column.
function label(container, row) {
  if (row.nodeName !== "TR") return;
  const names = $$("thead th", container.closest("table")).map((head) => ($(".visually-hidden", head) ? "" : head.textContent.trim()));
  [...row.cells].forEach((cell, index) => {
    if (names[index] && cell.colSpan === 1) cell.dataset.label = names[index];
  });
}

// Waits until nothing happened for a while.
export function later(milliseconds, work) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), milliseconds);
  };
}

// At most once per stretch of time, however often it is asked for; never twice at once.
export function atMost(milliseconds, work) {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    again = false;
    try {
      await work();
    } catch (problem) {
      console.info(problem.message);
    }
    setTimeout(() => {
      running = false;
      if (again) run();
    }, milliseconds);
  };
  return () => {
    if (running) again = true;
    else run();
  };
}
