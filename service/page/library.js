// The list of articles: search, remove, take back.

import { counted, dayInWords } from "./text.js";
import { articleAddress } from "./links.js";
import { announce, button, element } from "./dom.js";
import { deleteArticle, getArticle, listArticles, putArticle } from "./service.js";
import { uploader } from "./upload.js";

const PAGE_LENGTH = 50;
const TYPING_MS = 150;

let searchable = true;

/** Draw the list into `pane`; `changed` is called with the number of articles whenever it is known. */
export function showLibrary(pane, changed) {
  const body = pane.querySelector(".body");
  const state = element("p", { className: "quiet", role: "status" });
  const list = element("ul", { className: "articles" });
  const more = button("Show more", () => load(true), { hidden: true });
  const search = element("input", { type: "search", "aria-label": "Search the articles", autocomplete: "off", dir: "auto" });
  search.placeholder = "Search by title, source or id";
  search.hidden = !searchable;
  let typing = 0;
  let latest = 0;

  async function load(further = false) {
    latest += 1;
    const mine = latest;
    const wanted = search.value.trim();
    const offset = further ? list.childElementCount : 0;
    try {
      const found = await listArticles({ search: wanted, offset, limit: PAGE_LENGTH });
      if (mine !== latest) return;
      const rows = found.articles.map((article) => row(article, load));
      if (further) list.append(...rows);
      else list.replaceChildren(...rows);
      more.hidden = offset + rows.length >= found.total;
      state.className = "quiet";
      state.textContent = wanted ? `${counted(found.total, "article")} found` : counted(found.total, "article");
      if (!wanted) changed(found.total);
    } catch (error) {
      if (wanted && error.status === 422) {
        searchable = false;
        search.hidden = true;
        search.value = "";
        load();
        return;
      }
      state.className = "failed";
      state.textContent = error.message;
    }
  }

  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(load, TYPING_MS);
  });
  body.replaceChildren(element("h2", {}, "Articles"), ...uploader(load), search, state, list, more);
  document.title = "Articles · Pullquote";
  load();
}

function row(article, reload) {
  const facts = [article.source, article.published && dayInWords(article.published), counted(article.chars, "character")]
    .filter(Boolean)
    .flatMap((fact, index) => [index > 0 ? "\u00a0· " : "", element("bdi", {}, fact)]);
  const item = element("li", {});
  const remove = button("Remove", () => removed(item, article, reload), { "aria-label": `Remove ${article.title}` });
  item.append(
    element("a", { href: articleAddress(article.id), className: "opens", dir: "auto" }, article.title),
    element("p", { className: "quiet" }, ...facts),
    remove,
  );
  return item;
}

// It is removed at once, so that no answer quotes it, and its text kept here for as long as the list is open.
async function removed(item, { id, title }, reload) {
  const buttons = item.querySelectorAll("button");
  for (const each of buttons) each.disabled = true;
  try {
    const article = await getArticle(id);
    await deleteArticle(id);
    const undo = button("Undo", async () => {
      undo.disabled = true;
      try {
        await putArticle(article);
        announce("Put back.");
        reload();
      } catch (error) {
        undo.disabled = false;
        item.append(element("p", { className: "failed" }, error.message));
      }
    }, { "aria-label": `Undo: put ${title} back` });
    item.replaceChildren(element("span", { className: "quiet" }, "Removed ", element("bdi", {}, title)), undo);
    item.className = "removed";
    undo.focus();
    announce("Removed. It can be put back.");
  } catch (error) {
    for (const each of buttons) each.disabled = false;
    item.append(element("p", { className: "failed", role: "alert" }, error.message));
  }
}
