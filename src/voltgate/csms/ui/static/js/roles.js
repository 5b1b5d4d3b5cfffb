// What the operator's role allows. Pages leave out what it does not; the API refuses it anyway.

import { $ } from "./dom.js";

const RANK = { viewer: 0, operator: 1, admin: 2 };

export const may = (role) => RANK[$("#main").dataset.role] >= RANK[role];
