// An article with its quotes marked, opened at one of them.

import { counted, lines, pieces, pointsBefore } from "./text.js";
import { announce, element } from "./dom.js";
import { getArticle, verify } from "./service.js";
import { creditLine } from "./credit.js";

const CHANGED = {
  stayed: "The article has changed since it was quoted. These words still stand where they stood.",
  moved: "The article has changed since it was quoted. The words have moved, and are marked where they stand now.",
  changed: "The article has changed since it was quoted, and these words stand in it no more.",
  missing: "The article is no longer there.",
  unknown: "The article has changed since it was quoted. Outlined is what stands at that place now.",
};

let open = null;

/**
 * What is to be marked, and what is to be said: `{spans, notice, isSure}`, the opened span first.
 *
 * A place is valid for the version of the text it was found in. For another version the service is asked where the
 * quote stands now; without the quote, as in a bare link, the place can only be shown for what it is.
 */
async function marksFor(article, { sha256, span }, cited) {
  if (!span) return { spans: [], notice: "", isSure: true };
  if (!sha256 || sha256 === article.sha256) {
    const notice = span.end > article.chars ? "The link names a place behind the article's end." : "";
    return { spans: notice ? [] : [span, ...cited.slice(1)], notice, isSure: true };
  }
  const found = cited.length > 0 ? await verify(cited[0]).catch(() => null) : null;
  if (!found) return { spans: span.end > article.chars ? [] : [span], notice: CHANGED.unknown, isSure: false };
  if (found.start === null) return { spans: [], notice: CHANGED[found.status], isSure: true };
  const notice = found.start === span.start ? CHANGED.stayed : CHANGED.moved;
  return { spans: [{ start: found.start, end: found.end }], notice, isSure: true };
}

function drawnLine(line, opened, isSure) {
  const drawn = element("p", { dir: "auto" });
  for (const { text, spans } of line) {
    if (spans.length === 0) drawn.append(text);
    else {
      const isOpened = spans.includes(opened);
      const names = [isOpened ? "opened" : "", isSure ? "" : "unsure"].filter(Boolean).join(" ");
      drawn.append(element("mark", { className: names, ...(isOpened ? { tabIndex: -1 } : {}) }, text));
    }
  }
  return drawn;
}

function drawnText(article, { spans, isSure }) {
  const text = element("div", { className: "text" });
  text.append(...lines(pieces(article.text, spans)).map((line) => drawnLine(line, spans[0], isSure)));
  const first = text.firstElementChild;
  if (first?.textContent.trim() === article.title) first.classList.add("headline");
  return text;
}

/** Draw the article that an address names into `pane`; `cited` is what is known of its quotes, the opened one first. */
export async function showArticle(pane, shown, cited) {
  open = null;
  const body = pane.querySelector(".body");
  body.replaceChildren(element("p", { className: "quiet" }, "Opening the article…"));
  let article;
  try {
    article = await getArticle(shown.article);
  } catch (error) {
    if (!body.isConnected) return;
    const message = error.status === 404 ? `There is no article “${shown.article}” any more.` : error.message;
    body.replaceChildren(element("p", { className: "notice", role: "alert" }, message));
    return;
  }
  const marks = await marksFor(article, shown, cited);
  // Another article may have been opened in the meantime.
  if (!body.isConnected) return;
  const text = drawnText(article, marks);
  const hasHeadline = text.querySelector(".headline") !== null;
  const quote = marks.isSure && cited[0]?.article_sha256 === article.sha256 ? cited[0] : {};
  const credit = creditLine({ ...quote, ...article, title: "" });
  const size = counted(article.chars, "character");
  credit.append(credit.hasChildNodes() ? ` · ${size}` : size);
  body.replaceChildren(
    ...(marks.notice ? [element("p", { className: "notice", role: "alert" }, marks.notice)] : []),
    element("h2", { className: hasHeadline ? "heard" : "", dir: "auto" }, article.title),
    credit,
    text,
  );
  open = { id: article.id, text: article.text, element: text };
  document.title = `${article.title} · Pullquote`;
  goTo(body, marks);
}

function goTo(body, { spans }) {
  const mark = body.querySelector("mark.opened");
  if (!mark) {
    announce("The article is open.");
    return;
  }
  mark.scrollIntoView({ block: "center", behavior: "instant" });
  mark.focus({ preventScroll: true });
  announce(`The article is open at the quote. ${counted(spans.length, "quote")} marked.`);
}

/** The words selected in the open article, as `{article_id, start, end, text}` in code points; null if there are none. */
export function selectedPlace() {
  const selection = getSelection();
  if (!open?.element.isConnected || selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!open.element.contains(range.commonAncestorContainer)) return null;
  const [start, end] = [
    unitAt(range.startContainer, range.startOffset),
    unitAt(range.endContainer, range.endOffset),
  ];
  const selected = open.text.slice(start, end);
  const text = selected.trim();
  if (!text) return null;
  // A triple click also takes the break behind the line.
  const first = start + selected.indexOf(text);
  return {
    article_id: open.id,
    start: pointsBefore(open.text, first),
    end: pointsBefore(open.text, first + text.length),
    text,
  };
}

// Every line of the text is one paragraph of the page, and between two lines stood one line break.
function unitAt(node, offset) {
  const before = document.createRange();
  before.setStart(open.element, 0);
  before.setEnd(node, offset);
  const whole = before.cloneContents();
  return whole.textContent.length + Math.max(0, whole.childElementCount - 1);
}
