/* Sending what changed, and taking every kind of answer without losing an entry. */
import { csrfToken } from "../dom.js";
import { fill, gettext } from "../words.js";
import { canonical } from "./amounts.js";

const PATIENCE_MS = 30_000;

/** Return a random key; randomUUID is missing where the page came over plain http. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the body of a request: changed cells only, keys spread, amounts as decimal text. */
export function bodyOf(cells, extra = {}) {
  return {
    ...extra,
    cells: cells.map((cell) => ({
      ...cell.key,
      value: cell.value === null ? null : canonical(cell.value, cell.decimals),
      version: cell.version,
      ...(cell.reason ? { reason: cell.reason } : {}),
    })),
  };
}

/** Return which cell a problem speaks of: by pointer into what was sent, else by its key. */
export function cellOf(problem, sent, model) {
  const pointed = /\/cells\/(\d+)/.exec(problem.pointer ?? "");
  return (pointed && sent[Number(pointed[1])]) ?? model.find({ ...problem, ...problem.key });
}

/**
 * The one way out of a sheet. `view` shows what came of it:
 * refresh(cells), trouble(sentence, { canRetry, cells }), saved(message), settle(conflicts) → Map(cell → choice).
 */
export class Saver {
  constructor({ model, url, method = "POST", extra = () => ({}), view }) {
    Object.assign(this, { model, url, method, extra, view });
    this.isBusy = false;
    this.lastBody = "";
    this.lastKey = "";
  }

  async save() {
    const cells = this.model.unsaved();
    if (this.isBusy || cells.length === 0 || this.model.waiting().length > 0) return;
    await this.send(this.url, bodyOf(cells, this.extra()), cells);
  }

  /**
   * Send a body about `cells`; resolves to whether it was taken. The same body sent again after a
   * failure keeps its key.
   */
  async send(url, content, cells) {
    this.isBusy = true;
    this.view.trouble("");
    this.view.refresh([]);
    const sent = new Map(cells.map((cell) => [cell, cell.value]));
    let response;
    let answer;
    try {
      response = await this.#request(url, JSON.stringify(content));
      answer = await readJson(response);
    } catch {
      this.view.trouble(gettext("No connection. Nothing was lost; the entries stay here until they are saved."), { canRetry: true });
      return false;
    } finally {
      this.isBusy = false;
      this.view.refresh([]);
    }
    if (response.status !== 502 && response.status !== 503 && response.status !== 504) this.lastBody = "";
    await this.#take(response, answer, cells, sent);
    return response.ok && Boolean(answer);
  }

  async #request(url, text) {
    if (text !== this.lastBody) {
      this.lastBody = text;
      this.lastKey = freshKey();
    }
    return fetch(url, {
      method: this.method,
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, application/problem+json",
        "X-CSRFToken": csrfToken(),
        "Idempotency-Key": this.lastKey,
      },
      body: text,
    });
  }

  async #take(response, answer, cells, sent) {
    if (response.ok && answer) {
      const touched = this.model.takeSaved(answer.cells ?? [], sent);
      this.view.refresh([...cells, ...touched]);
      this.view.saved(answer.message ?? "");
    } else if (response.status === 409 && answer?.conflicts) {
      await this.#settle(answer.conflicts, cells);
    } else if (response.status === 422 && answer?.doubts) {
      const touched = answer.doubts.map((doubt) => {
        const cell = cellOf(doubt, cells, this.model);
        if (cell) Object.assign(cell, { doubt, reason: "" });
        return cell;
      });
      const doubtful = touched.filter(Boolean);
      this.view.refresh(doubtful);
      this.view.trouble("", { cells: doubtful });
    } else if (answer?.errors?.length) {
      const { rejected, untold } = this.#reject(answer.errors, cells);
      this.view.trouble([answer.title, ...untold].filter(Boolean).join(" "), { cells: rejected });
    } else {
      this.view.trouble(sentenceFor(response, answer), { canRetry: response.status >= 500 });
    }
  }

  /** Mark the cells that were refused; return them and the sentences that belong to no cell. */
  #reject(errors, cells) {
    const untold = [];
    const rejected = [];
    for (const error of errors) {
      const cell = cellOf(error, cells, this.model);
      if (cell) {
        cell.error = error.detail;
        rejected.push(cell);
      } else untold.push(error.detail);
    }
    this.view.refresh(rejected);
    return { rejected, untold };
  }

  async #settle(conflicts, cells) {
    const known = conflicts
      .map((conflict) => ({ conflict, cell: cellOf(conflict, cells, this.model) }))
      .filter(({ cell }) => cell);
    const choices = await this.view.settle(known);
    if (!choices) {
      this.view.trouble(gettext("Somebody else changed the same cells. Your entries are still unsaved."), { canRetry: true });
      return;
    }
    for (const { cell, conflict } of known) this.model.settle(cell, conflict, choices.get(cell));
    this.view.refresh(known.map(({ cell }) => cell));
    if (this.model.unsaved().length) await this.save();
    else this.view.saved("");
  }
}

async function readJson(response) {
  const kind = response.headers.get("Content-Type") ?? "";
  return kind.includes("json") ? response.json() : null;
}

function sentenceFor(response, answer) {
  if (answer?.detail) return answer.detail;
  if (response.type === "opaqueredirect" || response.status === 401) {
    return gettext("You are signed out. Sign in again in another tab, then save here.");
  }
  if (response.status === 403) return gettext("You may not change this sheet. Nothing was saved.");
  return fill(gettext("The server answered %(status)s. Nothing was saved; the entries stay here."), {
    status: response.status,
  });
}
