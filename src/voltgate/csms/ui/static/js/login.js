// Name and password become a session cookie.

import { $ } from "./dom.js";
import { post } from "./api.js";
import { localPath } from "./paths.js";

$("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = $("button", event.target);
  button.disabled = true;
  try {
    await post("/session", Object.fromEntries(new FormData(event.target)));
    location.href = localPath(new URLSearchParams(location.search).get("next"));
  } catch (problem) {
    $("#problem").textContent = problem.message;
    $("#problem").hidden = false;
    button.disabled = false;
    $("input[name=password]").select();
  }
});
