// Right or wrong, and what would have been right. A service that takes no feedback is asked once and no more.

import { Problem, sendFeedback } from "./service.js";
import { announce, button, element, icon, scrolling } from "./dom.js";
import { selectedPlace } from "./article.js";

const UP = "M3 9h3v8H3zM6 9l4-7c1.5 0 2 1 2 2.2L11.5 8H16c1 0 1.6.8 1.4 1.8l-1.2 5.8c-.2.9-.9 1.4-1.8 1.4H6";
const DOWN = "M3 11h3V3H3zM6 11l4 7c1.5 0 2-1 2-2.2L11.5 12H16c1 0 1.6-.8 1.4-1.8l-1.2-5.8c-.2-.9-.9-1.4-1.8-1.4H6";

let taken = true;

function body(reply, verdict, extra) {
  const place = reply.citations[0];
  return {
    id: reply.id,
    question: reply.searched, // a follow-up stands by itself there
    verdict,
    answer: reply.answer,
    citation: place
      ? { article_id: place.article_id, start: place.start, end: place.end, article_sha256: place.article_sha256 }
      : null,
    right_span: null,
    note: null,
    asked_on: reply.asked_on,
    ...extra,
  };
}

/** Thumbs for `reply`, or nothing. */
export function feedbackButtons(reply) {
  if (!taken) return null;
  const group = element("div", { className: "group feedback", role: "group", "aria-label": "Was this right?" });

  async function give(verdict, extra = {}) {
    try {
      await sendFeedback(body(reply, verdict, extra));
      group.replaceChildren(element("span", {}, "Thank you."));
      announce("Thank you.");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.isUnknownRoute) {
        taken = false;
        for (const each of document.querySelectorAll(".feedback")) each.remove();
      } else {
        group.replaceChildren(element("span", { className: "failed" }, error.message));
      }
    }
  }

  const right = button("Right", () => give("right"));
  const wrong = button("Wrong", () => {
    const form = whatIsRight(give);
    group.replaceChildren(form);
    form.querySelector("textarea").focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest", behavior: scrolling() });
  });
  right.prepend(icon(UP));
  wrong.prepend(icon(DOWN));
  group.append(right, wrong);
  return group;
}

function whatIsRight(give) {
  const note = element("textarea", { rows: 2, maxLength: 2000, "aria-label": "What would have been right?", dir: "auto" });
  note.placeholder = "What would have been right? (if you like)";
  const chosen = element("p", { className: "quiet" }, "Or select the right words in an open article.");
  let place = null;
  const choose = button("Use the selected words", () => {
    place = selectedPlace();
    chosen.textContent = place ? `“${place.text}”` : "No words of an open article are selected.";
  });
  // A press on the button would take the selection away.
  choose.addEventListener("mousedown", (event) => event.preventDefault());
  const form = element("form", { className: "right-words" }, note, chosen,
    element("div", { className: "group" }, choose, element("button", { type: "submit" }, "Send")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const right_span = place && { article_id: place.article_id, start: place.start, end: place.end };
    give("wrong", { note: note.value.trim() || null, right_span });
  });
  return form;
}
