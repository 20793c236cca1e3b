// One turn of the conversation, drawn.

import { counted, dayInWords } from "./text.js";
import { articleAddress } from "./links.js";
import { button, element } from "./dom.js";
import { creditLine } from "./credit.js";
import { copyButtons } from "./copy.js";
import { feedbackButtons } from "./feedback.js";

const REASONS = {
  empty_index: "There are no articles yet. Add some, and ask again.",
  no_hit: "No article says anything near this question.",
  no_answer_read: "The articles do not answer this question.",
  low_confidence: "The articles may touch on this, but nothing in them is sure enough to be an answer.",
};

function sureness(confidence) {
  if (confidence >= 0.9) return "Very sure";
  if (confidence >= 0.75) return "Sure";
  if (confidence >= 0.5) return "Fairly sure";
  return "Not sure";
}

function confidenceLine(confidence) {
  const percent = Math.round(confidence * 100);
  const bar = element("span", { className: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", confidence);
  const meaning = `Of answers given at this confidence, about ${percent} in 100 are meant to be right.`;
  return element("p", { className: "confidence", title: meaning }, bar, `${sureness(confidence)}, ${percent} %`);
}

function quote(place, number, ...text) {
  const link = element("a", { href: articleAddress(place.article_id, place), className: "opens" });
  link.append(element("blockquote", { dir: "auto" }, ...text));
  return element("li", {}, number ? element("span", { className: "number", "aria-hidden": "true" }, number) : null, link,
    creditLine(place));
}

function quotes(citations) {
  const items = citations.map((place) =>
    quote(place, String(place.number), place.before, element("mark", {}, place.quote), place.after));
  return element("ol", { className: "quotes" }, ...items);
}

function others(alternatives) {
  if (alternatives.length === 0) return null;
  const summary = element("summary", {}, counted(alternatives.length, "other answer"));
  const items = alternatives.map((other) =>
    element("li", {}, element("p", { className: "other", dir: "auto" }, other.answer), confidenceLine(other.confidence),
      quotes(other.citations)));
  return element("details", { className: "others" }, summary, element("ul", {}, ...items));
}

// Few words are set large; a sentence is set to be read.
function size(answer) {
  if (answer.length <= 40) return "answer short";
  return answer.length <= 140 ? "answer" : "answer long";
}

function answered(reply) {
  return [
    element("p", { className: size(reply.answer), dir: "auto" }, reply.answer),
    confidenceLine(reply.confidence),
    element("h3", {}, reply.citations.length === 1 ? "Quoted from" : `Quoted from ${reply.citations.length} places`),
    quotes(reply.citations),
    others(reply.alternatives),
  ];
}

function notFound(reply) {
  const unknown = (reply.unknown_words ?? []).flatMap((word, index) => [index > 0 ? ", " : "", element("q", { dir: "auto" }, word)]);
  return [
    element("p", { className: "answer none" }, "Not in the articles"),
    element("p", {}, REASONS[reply.reason] ?? ""),
    unknown.length > 0 ? element("p", { className: "unknown" }, "In no article: ", ...unknown) : null,
    ...(reply.nearest.length > 0
      ? [
          element("h3", {}, "What comes nearest"),
          element("ol", { className: "quotes nearest" }, ...reply.nearest.map((place) => quote(place, null, place.text))),
        ]
      : []),
  ];
}

function searchedLine(turn, acts) {
  const { searched } = turn.reply;
  if (searched.trim() === turn.question.trim()) return null;
  return element("p", { className: "searched" }, "Searched for: ", element("q", { dir: "auto" }, searched), " ",
    button("ask exactly as typed", () => acts.askAsTyped(turn)));
}

function filtersLine({ filters }) {
  const { sources = [], published_from: from, published_to: to } = filters ?? {};
  const parts = [sources.join(", "), from && `from ${dayInWords(from)}`, to && `until ${dayInWords(to)}`].filter(Boolean);
  return parts.length > 0 ? element("p", { className: "searched" }, `Only ${parts.join(", ")}`) : null;
}

function dayLine({ reply }) {
  if (!reply.asked_on) return null;
  return element("p", { className: "searched" }, `As asked on ${dayInWords(reply.asked_on)}: articles of about that day count more`);
}

/** A turn as an element; `acts` holds `askAsTyped`. */
export function drawnTurn(turn, acts) {
  const { reply } = turn;
  const drawn = element("article", { className: "turn", tabIndex: -1 },
    element("h2", { className: "question", dir: "auto" }, turn.question));
  if (!reply) {
    drawn.append(element("p", { className: "awaited" }, "Reading the articles…"));
    return drawn;
  }
  const shown = [searchedLine(turn, acts), filtersLine(turn), dayLine(turn), ...(reply.status === "answered" ? answered(reply) : notFound(reply))];
  drawn.append(...shown.filter(Boolean));
  const time = element("span", { className: "time" }, `${Math.round(reply.timings_ms.total)} ms`);
  drawn.append(element("footer", {}, ...[copyButtons(reply, turn.filters), feedbackButtons(reply), time].filter(Boolean)));
  return drawn;
}

/** The reply in a sentence, for those who hear the page. */
export function spoken(reply) {
  if (reply.status !== "answered") return `Not in the articles. ${REASONS[reply.reason] ?? ""}`;
  const places = counted(reply.citations.length, "quote");
  return `${reply.answer}. ${sureness(reply.confidence)}, ${Math.round(reply.confidence * 100)} percent. ${places}.`;
}
