// An answer with its first citation, to be pasted elsewhere.

import { articleAddress, questionAddress } from "./links.js";
import { creditText } from "./credit.js";
import { announce, button, element } from "./dom.js";

const oneLine = (text) => text.replace(/\s+/g, " ");
// What Markdown would read as markup stays text.
const escaped = (text) => oneLine(text).replace(/[\\`*_{}[\]<>()#+\-.!|~]/g, "\\$&");

const whole = (address) => new URL(address, location.origin).href;
const linkTo = (place) => whole(articleAddress(place.article_id, place));

/** For a letter or a note. */
export function plainText({ answer, citations: [place] }) {
  const sentence = oneLine(`${place.before}${place.quote}${place.after}`).trim();
  return `${oneLine(answer)}\n\n“${sentence}”\n${creditText(place)}\n${linkTo(place)}\n`;
}

/** For a document in Markdown; the quoted words are bold in their sentence. */
export function markdown({ answer, citations: [place] }) {
  const sentence = `${escaped(place.before)}**${escaped(place.quote)}**${escaped(place.after)}`.trim();
  return `${escaped(answer)}\n\n> ${sentence}\n>\n> — [${escaped(creditText(place))}](${linkTo(place)})\n`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP from another machine there is no clipboard; a selection can be copied everywhere.
    const held = element("textarea", { value: text, className: "heard" });
    document.body.append(held);
    held.select();
    document.execCommand("copy");
    held.remove();
  }
}

/** The buttons that copy the answer of `reply`. */
export function copyButtons(reply, filters) {
  const kinds = [["link", () => whole(questionAddress(reply, filters))]];
  if (reply.citations.length > 0) kinds.unshift(["text", () => plainText(reply)], ["Markdown", () => markdown(reply)]);
  const made = kinds.map(([name, textOf]) => {
    const copier = button(name, async () => {
      await copy(textOf());
      copier.textContent = "copied";
      announce(`Copied as ${name}.`);
      setTimeout(() => (copier.textContent = name), 1500);
    }, { "aria-label": `Copy as ${name}` });
    return copier;
  });
  return element("div", { className: "group", role: "group", "aria-label": "Copy" }, element("span", {}, "Copy"), ...made);
}
