// Tabs as the ARIA practices want them: arrows move, the panel follows.

import { $$ } from "./dom.js";

export function tabs(list, opened = {}) {
  const all = () => $$("[role=tab]", list).filter((tab) => !tab.hidden);
  const choose = (tab) => {
    for (const other of $$("[role=tab]", list)) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", chosen);
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    opened[tab.id]?.();
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });
  list.addEventListener("keydown", (event) => {
    const visible = all();
    const here = visible.indexOf(document.activeElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || here < 0) return;
    event.preventDefault();
    const next = visible.at(to % visible.length);
    next.focus();
    choose(next);
  });
}
