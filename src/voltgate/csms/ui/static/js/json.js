// JSON as people read it: indented and coloured, hits marked.

import { h } from "./dom.js";
import { marked } from "./parts.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;

function kind([text, quoted, colon]) {
  if (quoted) return colon ? "key" : "text";
  return /^[-\d]/.test(text) ? "number" : "word";
}

// Text of JSON, indented; numbers stay as they were written where that can be told. Text that is no JSON stays as it is.
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function coloured(text, word = "") {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    parts.push(...marked(text.slice(from, found.index), word), h("span", { class: kind(found) }, ...marked(found[0], word)));
    from = found.index + found[0].length;
  }
  return h("pre", { class: "json", tabindex: "0" }, ...parts, ...marked(text.slice(from), word));
}
