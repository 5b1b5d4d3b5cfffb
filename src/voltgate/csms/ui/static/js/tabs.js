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
  list.addEventListener("click", (event) => { const tab = event.target.closest("[role=tab]"); if (tab) choose(tab); });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const visible = all();
    const next = visible[(visible.indexOf(document.activeElement) + step + visible.length) % visible.length];
    next.focus();
    choose(next);
  });
}
