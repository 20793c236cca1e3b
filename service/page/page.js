// The page put together: what an address shows, what a question does, and the keys.

import { articleAddress, shownAt } from "./links.js";
import { addTurn, allTurns, citedAt, dropTurn, forget, historyBefore, settle } from "./conversation.js";
import { announce, button, byId, element, scrolling } from "./dom.js";
import { chat, listArticles, optional } from "./service.js";
import { drawnTurn, spoken } from "./answer.js";
import { focusQuestion, isWriting, watchQuestion } from "./ask.js";
import { chooseFilters, chosenFilters, offerFilters, watchFilters } from "./filters.js";
import { showArticle } from "./article.js";
import { showLibrary } from "./library.js";
import { acceptDrops } from "./upload.js";
import { today } from "./text.js";

const narrow = matchMedia("(max-width: 60rem)");
const drawn = new Map();
let asking = null;
let openedFrom = null;

// Turns

function draw(turn) {
  const fresh = drawnTurn(turn, { askAsTyped: (again) => answer(again, { rewrite: false }) });
  if (drawn.has(turn)) drawn.get(turn).replaceWith(fresh);
  else byId("turns").append(fresh);
  drawn.set(turn, fresh);
  byId("begin-anew").hidden = false;
  document.body.classList.remove("empty");
  return fresh;
}

function ask(question, askedOn = today()) {
  asking?.abort();
  const turn = addTurn(question, chosenFilters(), askedOn);
  byId("filters").open = false;
  answer(turn);
}

async function answer(turn, options = {}) {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  const before = turn.reply;
  turn.reply = null;
  draw(turn).scrollIntoView({ block: "start", behavior: scrolling() });
  try {
    const { question, filters = {}, askedOn = today() } = turn;
    const request = { question, history: historyBefore(turn), filters, asked_on: askedOn, ...options };
    const reply = await chat(request, mine.signal, () => waitForStart(turn));
    settle(turn, reply);
    draw(turn).scrollIntoView({ block: "start", behavior: scrolling() });
    announce(spoken(reply));
  } catch (error) {
    if (before) {
      turn.reply = before;
      draw(turn);
    } else if (error.name === "AbortError") {
      takeBack(turn);
      // Another question may have taken its place; else its words are given back.
      if (asking === mine && byId("question").value === "") byId("question").value = turn.question;
    }
    if (error.name !== "AbortError") fail(turn, error, options);
  } finally {
    if (asking === mine) asking = null;
  }
}

function waitForStart(turn) {
  const line = drawn.get(turn).querySelector(".awaited");
  if (line) line.textContent = "The service is still opening its articles; it is asked again…";
}

function takeBack(turn) {
  drawn.get(turn)?.remove();
  drawn.delete(turn);
  dropTurn(turn);
  if (allTurns().length === 0) begin();
}

function fail(turn, error, options) {
  const shown = drawn.get(turn);
  shown.querySelector(".awaited")?.remove();
  const again = button("Ask again", () => answer(turn, options));
  shown.append(element("p", { className: "failed", role: "alert" }, error.message, " ", again));
}

function begin() {
  byId("turns").replaceChildren();
  drawn.clear();
  byId("begin-anew").hidden = true;
  document.body.classList.add("empty");
  offerExamples();
}

async function offerExamples() {
  const there = await optional("/v1/examples");
  const items = (there?.questions ?? []).map((question) => element("li", {}, button(question, () => ask(question), { dir: "auto" })));
  byId("examples").hidden = items.length === 0;
  byId("examples").querySelector("ul").replaceChildren(...items);
}

// Addresses

function go(address) {
  const { depth = 0 } = history.state ?? {};
  const isFurther = location.pathname === "/" || (location.pathname === "/articles" && address !== "/articles");
  if (isFurther) history.pushState({ depth: depth + 1 }, "", address);
  else history.replaceState({ depth }, "", address);
  show();
}

function close() {
  const { depth = 0 } = history.state ?? {};
  if (depth > 0) history.go(-depth);
  else {
    history.replaceState({ depth: 0 }, "", "/");
    show();
  }
}

function show() {
  const shown = shownAt(new URL(location));
  if (shown.article) {
    const pane = openPane("Article");
    showArticle(pane, shown, citedAt(shown.article, shown.sha256, shown.span));
  } else if (shown.library) {
    showLibrary(openPane("Articles"), showCount);
  } else closePane();
  if (shown.question) {
    chooseFilters(shown.filters);
    // The address has done its work: a reload shows the conversation and does not ask once more.
    history.replaceState({ depth: 0 }, "", "/");
    ask(shown.question, shown.askedOn);
  }
  markOpened();
}

function openPane(label) {
  const pane = byId("pane");
  if (pane.hidden) openedFrom = document.activeElement;
  pane.hidden = false;
  pane.setAttribute("aria-label", label);
  // What still loads for the last address finds its place gone.
  pane.querySelector(".body").replaceWith(element("div", { className: "body" }));
  document.body.classList.add("beside");
  byId("desk").inert = narrow.matches;
  byId("close").focus({ preventScroll: true });
  pane.scrollTop = 0;
  return pane;
}

function closePane() {
  if (byId("pane").hidden) return;
  byId("pane").hidden = true;
  byId("desk").inert = false;
  document.body.classList.remove("beside");
  document.title = "Pullquote";
  if (openedFrom?.isConnected && openedFrom !== document.body) openedFrom.focus({ preventScroll: true });
  else focusQuestion();
}

function markOpened() {
  for (const link of document.querySelectorAll("#turns a.opens")) {
    if (link.href === location.href) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function showCount(total) {
  byId("count").textContent = total.toLocaleString("en");
  offerFilters();
}

// Keys and clicks

function openNumbered(number) {
  const last = allTurns().at(-1)?.reply;
  const place = last?.citations[number - 1] ?? last?.nearest[number - 1];
  if (place) go(articleAddress(place.article_id, place));
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (asking) asking.abort();
    else if (byId("filters").open) byId("filters").open = false;
    else if (!byId("pane").hidden) close();
    else byId("question").value = "";
  } else if (!isWriting(event.target)) {
    if (event.key === "/") {
      event.preventDefault();
      if (!byId("pane").hidden && narrow.matches) close();
      focusQuestion();
    } else if (/^[1-9]$/.test(event.key)) openNumbered(Number(event.key));
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.opens");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
});

byId("close").addEventListener("click", close);
byId("begin-anew").addEventListener("click", () => {
  asking?.abort();
  asking = null;
  forget();
  begin();
  focusQuestion();
});
addEventListener("popstate", show);
narrow.addEventListener("change", () => (byId("desk").inert = narrow.matches && !byId("pane").hidden));

watchQuestion(ask);
watchFilters();
acceptDrops(() => {
  if (location.pathname !== "/articles") go("/articles");
});
if (allTurns().length === 0) begin();
else allTurns().forEach(draw);
show();
listArticles({ limit: 1 }).then(({ total }) => showCount(total)).catch(() => offerFilters());
