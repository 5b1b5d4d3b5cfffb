// The HTTP API, the same that any other program uses.

const ROOT = "/api/v1";

class Problem extends Error {
  constructor(status, body) {
    const field = body.field ? ` (${body.field})` : "";
    super(`${body.detail || body.title || `HTTP ${status}`}${field}`);
    this.status = status;
    this.body = body;
  }
}

async function request(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = typeof body === "string" ? body : JSON.stringify(body);
  }
  const response = await fetch(ROOT + path, options);
  if (response.status === 401 && !location.pathname.startsWith("/login"))
    location.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  const text = await response.text();
  let parsed = null;
  try {
    parsed = text ? JSON.parse(text) : null;
  } catch {
    parsed = { detail: text.slice(0, 200) };
  }
  if (!response.ok) throw new Problem(response.status, parsed || {});
  return parsed;
}

export const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return request("GET", path + (given.length ? `?${new URLSearchParams(given)}` : ""));
};
// All pages of a list, up to `most` items.
export async function getAll(path, query = {}, most = 5000) {
  const items = [];
  let cursor = "";
  do {
    const page = await get(path, { ...query, limit: 500, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return items;
}

export const post = (path, body) => request("POST", path, body);
export const patch = (path, body) => request("PATCH", path, body);
export const remove = (path) => request("DELETE", path);

export const station = (id) => `/stations/${encodeURIComponent(id)}`;
export const call = (id, action, body) => post(`${station(id)}/calls/${action}`, body);
