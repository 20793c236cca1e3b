// Addresses: of the page's own states, and of the place of a quote in the original.

const encodedId = (id) => id.split("/").map(encodeURIComponent).join("/");

/** The article's place in the service's own interface. */
export const articleRoute = (id) => `/v1/articles/${encodedId(id)}`;

/** The article on this page; with a place, opened at the quote. */
export function articleAddress(id, place = null) {
  const address = `/articles/${encodedId(id)}`;
  if (!place) return address;
  return `${address}${place.article_sha256 ? `?sha256=${place.article_sha256}` : ""}#${place.start}-${place.end}`;
}

/** The page that asks what `reply` answers, as it was searched, with the same filters, on the day that counted. */
export function questionAddress(reply, filters = {}) {
  const query = new URLSearchParams({ q: reply.searched });
  for (const source of filters.sources ?? []) query.append("source", source);
  if (filters.published_from) query.set("from", filters.published_from);
  if (filters.published_to) query.set("to", filters.published_to);
  if (reply.asked_on) query.set("on", reply.asked_on);
  return `/?${query}`;
}

/** What an address of this page shows: `{article, sha256, span}`, `{library}`, or `{question, filters, askedOn}`. */
export function shownAt(url) {
  const query = url.searchParams;
  const path = /^\/articles\/(.+)$/.exec(url.pathname);
  if (path) {
    const span = /^#(\d{1,9})-(\d{1,9})$/.exec(url.hash);
    const [start, end] = span ? [Number(span[1]), Number(span[2])] : [0, 0];
    return { article: decoded(path[1]), sha256: query.get("sha256"), span: start < end ? { start, end } : null };
  }
  if (url.pathname === "/articles") return { library: true };
  const filters = {};
  const day = (name) => (/^\d{4}-\d{2}-\d{2}$/.test(query.get(name) ?? "") ? query.get(name) : undefined);
  if (query.has("source")) filters.sources = query.getAll("source");
  for (const [name, field] of [["from", "published_from"], ["to", "published_to"]]) {
    if (day(name)) filters[field] = day(name);
  }
  return { question: query.get("q") ?? "", filters, askedOn: day("on") };
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The article's own address, if it is one of the web; opened at the quote by browsers that can. */
export function originalAddress(place) {
  if (!/^https?:\/\//i.test(place.url ?? "")) return null;
  const fragment = place.quote ? textFragment(place) : "";
  if (!fragment) return place.url;
  return `${place.url}${place.url.includes("#") ? "" : "#"}:~:text=${fragment}`;
}

// What stands beside the quote goes with it, so that "20 years" opens at these twenty years. A quote that begins
// within a word cannot be found so, and one over several lines is named by its ends.
// https://wicg.github.io/scroll-to-text-fragment/
function textFragment({ before, quote, after }) {
  const inWord = (left, right) => /[\p{L}\p{N}]$/u.test(left) && /^[\p{L}\p{N}]/u.test(right);
  if (inWord(before ?? "", quote) || inWord(quote, after ?? "")) return "";
  const encoded = (words) => encodeURIComponent(words.join(" ")).replaceAll("-", "%2D");
  const wordsOf = (text) => text.split(/\s+/).filter(Boolean);
  const lastLine = (before ?? "").split("\n").at(-1);
  const firstLine = (after ?? "").split("\n").at(0);
  const words = wordsOf(quote);
  const middle =
    words.length > 8 || quote.includes("\n")
      ? `${encoded(words.slice(0, 3))},${encoded(words.slice(-3))}`
      : encoded(words);
  const prefix = wordsOf(lastLine).slice(-3);
  const suffix = wordsOf(firstLine).slice(0, 3);
  return (prefix.length ? `${encoded(prefix)}-,` : "") + middle + (suffix.length ? `,-${encoded(suffix)}` : "");
}
