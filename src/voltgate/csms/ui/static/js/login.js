// Name and password become a session cookie.

import { $ } from "./dom.js";
import { post } from "./api.js";

$("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await post("/session", Object.fromEntries(new FormData(event.target)));
    const next = new URLSearchParams(location.search).get("next") || "/";
    location.href = /^\/(?!\/)/.test(next) ? next : "/";
  } catch (problem) {
    $("#problem").textContent = problem.message;
    $("#problem").hidden = false;
  }
});
