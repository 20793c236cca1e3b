// What the page asks of the service. Every failure becomes a Problem with words for people.

import { articleRoute } from "./links.js";

const NOT_THERE = "The service does not answer. Is it still running?";

/** A request that failed: `status` 0 where the service was not reached. */
export class Problem extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether this service does not know what was asked of it at all. */
  get isUnknownRoute() {
    return this.status === 405 || this.code === "unknown_route";
  }
}

function problemOf(status, body) {
  return new Problem(status, body?.error?.code ?? "", body?.error?.message ?? `The service answered with status ${status}.`);
}

async function send(method, path, body, signal) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "", NOT_THERE);
  }
  const reply = response.status === 204 ? null : await response.json().catch(givenUp);
  if (!response.ok) throw problemOf(response.status, reply);
  return reply;
}

// A body that is no JSON says nothing; one that was stopped on its way is no reply at all.
function givenUp(error) {
  if (error.name === "AbortError") throw error;
  return null;
}

const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));

/** Answer a question; while the service is still starting, `waiting` is told and it is asked again. */
export async function chat(request, signal, waiting) {
  for (;;) {
    try {
      return await send("POST", "/v1/chat", request, signal);
    } catch (error) {
      if (error.code !== "not_ready" || signal.aborted) throw error;
      waiting();
      await pause(1000);
    }
  }
}

export const getArticle = (id) => send("GET", articleRoute(id));
export const putArticle = ({ id, text, title, source, url, published }) =>
  send("PUT", articleRoute(id), { text, title, source, url, published });
export const deleteArticle = (id) => send("DELETE", articleRoute(id));
export const verify = ({ article_id, start, end, quote, before, after, article_sha256 }) =>
  send("POST", "/v1/verify", { article_id, start, end, quote, before, after, article_sha256 });
export const sendFeedback = (feedback) => send("POST", "/v1/feedback", feedback);

/** A part of the list of articles. */
export function listArticles({ search = "", offset = 0, limit = 50 }) {
  const query = new URLSearchParams({ limit, offset });
  if (search) query.set("search", search);
  return send("GET", `/v1/articles?${query}`);
}

/** What a service may not have: `null` where it does not. */
export async function optional(path) {
  try {
    return await send("GET", path);
  } catch {
    return null;
  }
}

/** Send one file; `progress` is told the share that has gone, from 0 to 1. */
export function putFile(file, progress) {
  return new Promise((resolve, reject) => {
    // fetch cannot tell how much of a body has gone.
    const request = new XMLHttpRequest();
    request.open("PUT", `/v1/files/${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 1));
    request.addEventListener("error", () => reject(new Problem(0, "", NOT_THERE)));
    request.addEventListener("load", () => {
      if (request.status < 300 && request.response) resolve(request.response);
      else reject(problemOf(request.status, request.response));
    });
    request.send(file);
  });
}
