// The service counts Unicode code points, JavaScript counts UTF-16 units: an emoji is one there and two here.
// Places are turned from the one into the other in this module only.

/** How many UTF-16 units the code point that begins at `unit` takes. */
function width(text, unit) {
  const code = text.charCodeAt(unit);
  if (code < 0xd800 || code > 0xdbff) return 1;
  const next = text.charCodeAt(unit + 1);
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
}

/** The UTF-16 places of ascending code point `places`; what lies behind the end is the end. */
export function unitsOf(text, places) {
  const units = [];
  let unit = 0;
  let point = 0;
  for (const place of places) {
    while (point < place && unit < text.length) {
      unit += width(text, unit);
      point += 1;
    }
    units.push(unit);
  }
  return units;
}

/** How many code points stand before the UTF-16 place `unit`. */
export function pointsBefore(text, unit) {
  let points = 0;
  for (let at = 0; at < unit; at += width(text, at)) points += 1;
  return points;
}

/**
 * The text in pieces, cut wherever one of `spans` (half-open, code points) begins or ends.
 * Each piece names the spans that cover it; together the pieces are the text.
 */
export function pieces(text, spans) {
  const places = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const units = new Map(unitsOf(text, places).map((unit, index) => [places[index], unit]));
  const cuts = [...new Set([0, ...units.values(), text.length])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, index) => ({
    text: text.slice(from, cuts[index + 1]),
    spans: spans.filter(({ start, end }) => units.get(start) <= from && from < units.get(end)),
  }));
}

/** The pieces of `pieces` line by line; a piece that runs over several lines stands in each. */
export function lines(cut) {
  const found = [[]];
  for (const { text, spans } of cut) {
    text.split("\n").forEach((part, index) => {
      if (index > 0) found.push([]);
      if (part) found.at(-1).push({ text: part, spans });
    });
  }
  return found;
}

/** `count` of something, in words. */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** The day it is where the person is, as the service writes days. */
export function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** A day of the service, `2025-01-17`, as a person writes it. */
export function dayInWords(day) {
  const [year, month, date] = day.split("-").map(Number);
  const names = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December"];
  return `${date} ${names[month - 1]} ${year}`;
}
