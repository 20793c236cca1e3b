// Articles are other people's text: it reaches the page through textContent and nothing else.

const form = document.getElementById("ask");
const question = document.getElementById("question");
const button = form.querySelector("button");
const state = document.getElementById("state");
const result = document.getElementById("result");

const REASONS = {
  empty_index: "There are no articles yet.",
  no_hit: "No article says anything near this question.",
  no_answer_read: "The articles do not answer this question.",
  low_confidence: "The articles may touch on this, but nothing in them is sure enough to be an answer.",
};

function element(tag, text, properties = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  return Object.assign(made, properties);
}

function sureness(confidence) {
  if (confidence >= 0.9) return "Very sure";
  if (confidence >= 0.75) return "Sure";
  if (confidence >= 0.5) return "Fairly sure";
  return "Not sure";
}

function confidenceLine(confidence) {
  const percent = `${Math.round(confidence * 100)} %`;
  const line = element("p", "", { className: "confidence" });
  const meter = element("meter", percent, { min: 0, max: 1, value: confidence });
  meter.setAttribute("aria-label", "Confidence");
  line.append(element("span", `${sureness(confidence)}, ${percent}`), meter);
  return line;
}

function sourceLine(place) {
  const cite = element("cite", [place.title, place.source, place.published].filter(Boolean).join(" · "), { dir: "auto" });
  if (/^https?:\/\//i.test(place.url ?? "")) {
    cite.append(" · ", element("a", "original", { href: place.url, rel: "noreferrer" }));
  }
  return cite;
}

function listOf(places, textOf) {
  const list = document.createElement("ol");
  for (const place of places) {
    const quote = element("blockquote", "", { dir: "auto" });
    quote.append(...textOf(place));
    const item = document.createElement("li");
    item.append(quote, sourceLine(place));
    list.append(item);
  }
  return list;
}

function showAnswer(reply) {
  result.append(element("p", reply.answer, { className: "answer", dir: "auto" }), confidenceLine(reply.confidence));
  result.append(element("h2", reply.citations.length === 1 ? "It stands in" : `It stands in ${reply.citations.length} places`));
  result.append(listOf(reply.citations, (place) => [place.before, element("mark", place.quote), place.after]));
}

function showNotFound(reply) {
  result.append(element("p", "Not found", { className: "answer" }), element("p", REASONS[reply.reason] ?? ""));
  if (reply.nearest.length > 0) {
    result.append(element("h2", "What comes nearest"), listOf(reply.nearest, (place) => [place.text]));
  }
}

async function ask(text) {
  const response = await fetch("/v1/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question: text }),
  });
  const reply = await response.json();
  if (!response.ok) throw new Error(reply.error.message);
  return reply;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  state.className = "";
  state.textContent = "Reading the articles…";
  result.hidden = true;
  try {
    const reply = await ask(question.value);
    result.replaceChildren();
    (reply.status === "answered" ? showAnswer : showNotFound)(reply);
    result.hidden = false;
    state.textContent = `Read in ${Math.round(reply.timings_ms.total)} ms`;
    result.focus();
  } catch (error) {
    state.className = "failed";
    state.textContent = error instanceof TypeError ? "The service does not answer. Is it running?" : error.message;
  } finally {
    button.disabled = false;
  }
});
