// Hides what the operator's role does not allow; the API refuses it anyway.

import { $, $$ } from "./dom.js";

const RANK = { viewer: 0, operator: 1, admin: 2 };

export const may = (role) => RANK[$("#main").dataset.role] >= RANK[role];

export function allow(root = document) {
  $$("[data-needs]", root).forEach((element) => { element.hidden = !may(element.dataset.needs); });
}
