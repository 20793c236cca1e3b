// The turns so far. They live in this tab alone: the service keeps none, and closing the tab ends them.

const KEY = "pullquote";
const KEPT_TURNS = 50;
const SENT_TURNS = 6;
const SENT_CHARS = 12_000;

const turns = restored();

function restored() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return kept.filter(({ question, reply }) => typeof question === "string" && Array.isArray(reply?.alternatives));
  } catch {
    return [];
  }
}

function keep() {
  try {
    const answered = turns.filter((turn) => turn.reply).slice(-KEPT_TURNS);
    sessionStorage.setItem(KEY, JSON.stringify(answered.map(({ question, filters, askedOn, reply }) => ({ question, filters, askedOn, reply }))));
  } catch {
    // A full or forbidden store costs what a reload would have kept, nothing else.
  }
}

/** Every turn, oldest first: `{question, filters, askedOn, reply}`; `reply` is null while it is awaited. */
export const allTurns = () => turns;

/** Begin a turn. */
export function addTurn(question, filters, askedOn) {
  const turn = { question, filters, askedOn, reply: null };
  turns.push(turn);
  return turn;
}

/** End a turn with the service's reply. */
export function settle(turn, reply) {
  turn.reply = reply;
  keep();
}

/** Take a turn back. */
export function dropTurn(turn) {
  if (turns.includes(turn)) turns.splice(turns.indexOf(turn), 1);
  keep();
}

/** Forget them all. */
export function forget() {
  turns.length = 0;
  keep();
}

/** What was said before `turn`, as the service takes it: the last turns, oldest first. */
export function historyBefore(turn) {
  const before = turns.slice(0, turns.indexOf(turn)).filter((each) => each.reply).slice(-SENT_TURNS);
  const said = before.map(({ question, reply }) => [
    { role: "user", content: question },
    ...(reply.answer ? [{ role: "assistant", content: reply.answer }] : []),
  ]);
  const length = (pair) => pair.reduce((sum, { content }) => sum + content.length, 0);
  while (said.length > 0 && said.reduce((sum, pair) => sum + length(pair), 0) > SENT_CHARS) said.shift();
  return said.flat();
}

/** The citation at a place, and those of the same answer in the same version of the article; `[]` if none is known. */
export function citedAt(id, sha256, span) {
  const isThere = (each) =>
    each.article_id === id && each.article_sha256 === sha256 && each.start === span?.start && each.end === span?.end;
  for (const { reply } of turns.toReversed()) {
    for (const answer of reply ? [reply, ...reply.alternatives] : []) {
      const found = answer.citations.find(isThere);
      if (found) {
        const beside = answer.citations.filter((each) => each.article_id === id && each.article_sha256 === sha256);
        return [found, ...beside.filter((each) => each !== found)];
      }
    }
  }
  return [];
}
