// Registering a station.

import { h } from "./dom.js";
import { post } from "./api.js";
import { ask, busy, field, select, toast } from "./parts.js";

const intro = h(
  "p",
  { class: "muted hint" },
  "The id is the last part of the URL that the station connects to, e.g. ws://this-host:9000/ocpp/CS-001.",
);

export async function addStation(button, sites, done) {
  const values = await ask(
    "Add a station",
    [
      intro,
      field("Id", "id", { required: true, maxlength: 48, spellcheck: "false" }),
      field("Name", "name"),
      select("Site", "site", [["", "none"], ...sites.map((site) => [site.id, site.name])]),
    ],
    "Add",
  );
  if (!values) return;
  await busy(button, async () => {
    const made = await post("/stations", Object.fromEntries(Object.entries(values).filter(([, value]) => value)));
    toast(`${made.id} is registered`);
    done();
    await ask(
      `${made.id} is registered`,
      [h("p", {}, "Its password for Basic authentication. It is shown only now:"), h("pre", {}, made.password)],
      null,
    );
  });
}
