// What an operator decides about a station: name, place, password, and its end.

import { $, h } from "./dom.js";
import { getAll, patch, post, remove, station as path } from "./api.js";
import { ask, busy, field, select, toast } from "./parts.js";
import { may } from "./roles.js";

export async function drawSettings(one, changed) {
  const sites = await getAll("/sites");
  const form = $("#settings");
  const removeButton = h("button", { type: "button", class: "danger", onclick: () => forget(one.id) }, "Remove station");
  const hangUp = h(
    "button",
    {
      type: "button",
      onclick: (event) =>
        busy(event.target, async () => {
          await post(`${path(one.id)}/disconnect`);
          toast("Its connection is closed");
        }),
    },
    "Disconnect",
  );
  form.replaceChildren(
    field("Name", "name", { value: one.name || "" }),
    select("Site", "site", [["", "none"], ...sites.map((site) => [site.id, site.name])], one.site || ""),
    field("Latitude", "latitude", { type: "number", step: "any", min: -90, max: 90, value: one.latitude ?? "" }),
    field("Longitude", "longitude", { type: "number", step: "any", min: -180, max: 180, value: one.longitude ?? "" }),
    select("Boots are answered", "next_boot", [["", "accepted"], "pending", "rejected"], one.next_boot || ""),
    field("New password (empty keeps it)", "password", { autocomplete: "new-password", minlength: 16, maxlength: 64, spellcheck: "false" }),
    h("div", { class: "actions" }, may("admin") ? removeButton : "", hangUp, h("button", { class: "primary" }, "Save")),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    save(one.id, form, changed);
  };
}

async function save(id, form, changed) {
  const { name, site, latitude, longitude, next_boot: boot, password } = Object.fromEntries(new FormData(form));
  const degrees = (text) => (text === "" ? null : Number(text));
  const body = {
    name: name || null,
    site: site || null,
    latitude: degrees(latitude),
    longitude: degrees(longitude),
    next_boot: boot || null,
    ...(password ? { password } : {}),
  };
  if ((await busy($(".primary", form), () => patch(path(id), body))) !== undefined) toast("Saved");
  changed();
}

async function forget(id) {
  if (
    !(await ask(
      `Remove ${id}?`,
      [h("p", {}, "Its link is closed and it cannot connect again until it is registered. Its transactions and messages are kept.")],
      "Remove",
      true,
    ))
  )
    return;
  try {
    await remove(path(id));
    location.href = "/";
  } catch (problem) {
    toast(problem.message, true);
  }
}
