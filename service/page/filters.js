// Which articles may answer: by source and by day. Hidden where the service does not list its sources.

import { counted, dayInWords } from "./text.js";
import { byId, element } from "./dom.js";
import { optional } from "./service.js";

let wanted = {};

/** The filters as the service takes them. */
export const chosenFilters = () => structuredClone(wanted);

/** Take filters from elsewhere, as from an address. */
export function chooseFilters(filters) {
  wanted = structuredClone(filters);
  drawChosen();
}

function summary() {
  const { sources = [], published_from: from, published_to: to } = wanted;
  const who = sources.length === 0 ? "All sources" : sources.length === 1 ? sources[0] : counted(sources.length, "source");
  const when = [from && `from ${dayInWords(from)}`, to && `until ${dayInWords(to)}`].filter(Boolean).join(" ");
  return `${who}, ${when || "any date"}`;
}

function drawChosen() {
  const box = byId("filters");
  box.querySelector("summary").textContent = summary();
  for (const each of box.querySelectorAll("[type=checkbox]")) each.checked = wanted.sources?.includes(each.value) ?? false;
  box.querySelector("[name=from]").value = wanted.published_from ?? "";
  box.querySelector("[name=to]").value = wanted.published_to ?? "";
}

function readChosen() {
  const box = byId("filters");
  const [from, to] = [box.querySelector("[name=from]"), box.querySelector("[name=to]")];
  // A range cannot be chosen backwards.
  from.max = to.value;
  to.min = from.value;
  wanted = {};
  const sources = [...box.querySelectorAll("[type=checkbox]:checked")].map(({ value }) => value);
  if (sources.length > 0) wanted.sources = sources;
  if (from.value) wanted.published_from = from.value;
  if (to.value && !(to.value < from.value)) wanted.published_to = to.value;
  box.querySelector("summary").textContent = summary();
}

/** Ask the service for its sources and offer them; done again whenever the articles change. */
export async function offerFilters() {
  const box = byId("filters");
  const there = await optional("/v1/sources");
  box.hidden = !there || (there.sources.length === 0 && !there.published_from);
  if (box.hidden) return;
  const choices = there.sources.map(({ name, articles }) =>
    element("label", { className: "choice" }, element("input", { type: "checkbox", value: name }), element("bdi", {}, name),
      element("span", { className: "quiet" }, ` ${articles.toLocaleString("en")}`)));
  box.querySelector(".sources").replaceChildren(...choices);
  box.querySelector(".days").hidden = !there.published_from;
  drawChosen();
}

/** Keep what is chosen as it is chosen. */
export function watchFilters() {
  const box = byId("filters");
  box.addEventListener("change", readChosen);
  box.querySelector("button").addEventListener("click", () => chooseFilters({}));
}
