// The line where questions are written, and its keys.

import { allTurns } from "./conversation.js";
import { byId } from "./dom.js";

const line = () => byId("question");

/** Write there. */
export const focusQuestion = () => line().focus();

/** Whether a key pressed at `target` writes text there. */
export const isWriting = (target) => target instanceof Element && target.matches("input, textarea, select");

// ↑ in an empty line brings back the last question, ↑ again the one before; ↓ goes the other way.
function recall(step, at) {
  const asked = allTurns().map(({ question }) => question);
  const next = Math.min(Math.max(at + step, 0), asked.length);
  line().value = asked[next] ?? "";
  return next;
}

/** Hand every question to `ask` as it is sent. */
export function watchQuestion(ask) {
  const form = byId("ask");
  let at = null;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = line().value.trim();
    if (!question) {
      focusQuestion();
      return;
    }
    line().value = "";
    at = null;
    ask(question);
  });
  line().addEventListener("input", () => (at = null));
  line().addEventListener("keydown", (event) => {
    // Enter also ends a word in scripts that are composed from several keys.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "ArrowUp" && (line().value === "" || at !== null)) {
      event.preventDefault();
      at = recall(-1, at ?? allTurns().length);
    } else if (event.key === "ArrowDown" && at !== null) {
      event.preventDefault();
      at = recall(1, at);
    }
  });
}
