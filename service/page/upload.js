// Files into the index, one after the other, each with what became of it.

import { articleAddress } from "./links.js";
import { announce, button, element } from "./dom.js";
import { putFile } from "./service.js";

const ENDINGS = ".txt,.md,.html,.pdf,.docx,.jsonl";
const CHANGES = { added: "added", changed: "replaced", unchanged: "was there already" };

let queue = Promise.resolve();
let accept = null;

/** The part of the list that takes files; `done` is called after each. */
export function uploader(done) {
  const uploads = element("ul", { className: "uploads" });
  const chooser = element("input", { type: "file", multiple: true, accept: ENDINGS, hidden: true });
  const add = button("Add files", () => chooser.click(), { className: "strong" });
  accept = (files) => {
    for (const file of files) {
      const item = element("li", {}, element("bdi", {}, file.name), element("progress", { max: 1, value: 0, "aria-label": `Sending ${file.name}` }));
      uploads.append(item);
      queue = queue.then(() => send(file, item)).then(done);
    }
  };
  chooser.addEventListener("change", () => {
    accept(chooser.files);
    chooser.value = "";
  });
  const hint = element("p", { className: "quiet" }, element("span", { className: "drops" }, "or drop them anywhere: "),
    ENDINGS.replaceAll(",", " "));
  return [element("div", { className: "adder" }, add, hint, chooser), uploads];
}

async function send(file, item) {
  const bar = item.querySelector("progress");
  const told = element("span", { className: "quiet" });
  try {
    if (file.isFolder) throw new Error("is a folder: drop its files, or index it with pullquote index");
    const { articles } = await putFile(file, (share) => {
      // Gone is not yet read: the bar runs on without an end.
      if (share < 1) bar.value = share;
      else bar.removeAttribute("value");
    });
    told.append(...articles.slice(0, 3).flatMap(({ id, title, change }) => [
      element("a", { href: articleAddress(id), className: "opens", dir: "auto" }, title), ` ${CHANGES[change] ?? change} `,
    ]));
    if (articles.length > 3) told.append(`and ${articles.length - 3} more`);
    announce(`${file.name}: ${articles.length === 1 ? "read" : `${articles.length} articles read`}.`);
  } catch (error) {
    told.className = "failed";
    told.append(error.message);
    announce(`${file.name}: ${error.message}`);
  }
  bar.replaceWith(told);
}

function dropped(items) {
  return [...items].filter(({ kind }) => kind === "file").map((item) => {
    const isFolder = item.webkitGetAsEntry?.()?.isDirectory ?? false;
    const file = item.getAsFile();
    return isFolder ? { name: file?.name ?? "folder", isFolder } : file;
  });
}

/** Files dropped anywhere are taken; `openLibrary` shows the list they go to. */
export function acceptDrops(openLibrary) {
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (isOver) => document.body.classList.toggle("dropping", isOver);
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(false);
    const files = dropped(event.dataTransfer.items);
    openLibrary();
    accept(files);
  });
}
