// Whose words they are: title, source, day, and the way to the original.

import { dayInWords } from "./text.js";
import { originalAddress } from "./links.js";
import { element } from "./dom.js";

/** Where a quote stands, as plain words. */
export function creditText(place) {
  return [place.title, place.source, place.published && dayInWords(place.published)].filter(Boolean).join(", ");
}

/** The same as an element; with the original's address, where there is one. */
export function creditLine(place) {
  const parts = [place.title, place.source].filter(Boolean).map((text) => element("bdi", {}, text));
  if (place.published) parts.push(element("time", { dateTime: place.published }, dayInWords(place.published)));
  const original = originalAddress(place);
  if (original) parts.push(element("a", { href: original, rel: "noreferrer", target: "_blank" }, "original ↗"));
  return element("cite", {}, ...parts.flatMap((part, index) => (index > 0 ? ["\u00a0· ", part] : [part])));
}
