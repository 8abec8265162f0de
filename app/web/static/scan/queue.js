// Sends what lies in the drawer, in the order it was scanned, until the server has all of it.
// Nothing but the server's own answer removes a scan; a refused one never holds up the next.
import { uuid7 } from "../ids.js";
import { openStore } from "./store.js";

const BATCH = 50;
const TIMEOUT_MS = 15_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const LEASE_MS = 20_000;
const LATE_MS = 5_000; // a scan that waited longer than this was stored, whatever happened meanwhile
const SPOILT = new Set([400, 409, 413, 415, 422]); // one scan is at fault, not the connection

// `onResult(result, scan)` for every answer, from whichever tab sent it; `onCounts(counts)` when the
// drawer or the connection changes: {waiting, refused, oldest, state} with state one of
// saved, waiting, offline, signed_out.
export async function openQueue({ url = "/api/v1/scans", name = "unbroken", onResult, onCounts }) {
  const queue = new Queue({ url, store: await openStore(name), onResult, onCounts });
  queue.start();
  return queue;
}

class Queue {
  #url;
  #store;
  #onResult;
  #onCounts;
  #tab = uuid7();
  #channel = new BroadcastChannel("unbroken-queue");
  #contact = { state: "saved", offset: null, uncertainty: 0 };
  #pause = FIRST_WAIT_MS;
  #timer = null;
  #sending = null;
  #again = false;

  constructor({ url, store, onResult, onCounts }) {
    this.#url = url;
    this.#store = store;
    this.#onResult = onResult;
    this.#onCounts = onCounts;
  }

  start() {
    this.#channel.onmessage = ({ data }) => {
      if (data.result) this.#onResult(data.result, data.scan);
      this.#tell();
    };
    window.addEventListener("online", () => this.flush());
    window.addEventListener("pageshow", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    this.#tell();
    this.flush();
  }

  // Resolves with the whole scan once it is durable; rejects when this device cannot keep it.
  async put(scan) {
    const kept = await this.#store.put({
      offset_ms: this.#contact.offset,
      uncertainty_ms: this.#contact.uncertainty,
      queued: this.#contact.state !== "saved" || navigator.onLine === false,
      ...scan,
    });
    this.#tell();
    this.flush();
    return kept;
  }

  async pending() {
    return (await this.#store.waiting()).map((item) => item.body);
  }

  counts() {
    return this.#store.counts().then((counts) => ({ ...counts, state: this.#state(counts) }));
  }

  // Try now. Calls while a try is running become one more try after it.
  flush() {
    clearTimeout(this.#timer);
    if (this.#sending) {
      this.#again = true;
      return this.#sending;
    }
    this.#sending = this.#asOnlySender(() => this.#drain())
      .catch((reason) => this.#failed("offline", reason))
      .finally(() => {
        this.#sending = null;
        this.#tell();
        if (this.#again) {
          this.#again = false;
          this.flush();
        }
      });
    return this.#sending;
  }

  // One tab sends at a time: order is kept and nothing travels twice. (Twice would do no harm.)
  async #asOnlySender(work) {
    if (navigator.locks) return navigator.locks.request("unbroken-send", work);
    if (await this.#store.lease(this.#tab, Date.now(), LEASE_MS)) {
      try {
        return await work();
      } finally {
        await this.#store.lease(this.#tab, Date.now(), 0);
      }
    }
    return this.#later(FIRST_WAIT_MS);
  }

  async #drain() {
    let size = BATCH;
    for (;;) {
      const items = await this.#store.waiting(size);
      if (items.length === 0) return this.#reached();
      const answer = await this.#try(items);
      const taken = answer.results ? await this.#settle(items, answer.results) : 0;
      if (taken > 0) {
        size = BATCH;
        this.#reached();
        this.#tell();
      } else if (SPOILT.has(answer.status) && items.length > 1) {
        size = 1; // find the one that spoils the batch
      } else if (SPOILT.has(answer.status)) {
        await this.#store.setAside(items[0], answer.status);
      } else {
        return this.#failed(answer.status === 401 || answer.status === 403 ? "signed_out" : "offline");
      }
    }
  }

  // The server knows a read again whether or not it had to wait: what a try in vain taught is kept,
  // also for whoever opens this drawer next.
  async #try(items) {
    try {
      return await this.#post(items.map((item) => this.#asSent(item.body)));
    } catch (reason) {
      await this.#store.haveWaited(items.filter((item) => !item.body.queued));
      throw reason;
    }
  }

  #asSent(scan) {
    const age = Date.now() - Date.parse(scan.device_time);
    return { ...scan, queued: scan.queued || age > LATE_MS || this.#contact.state !== "saved" };
  }

  async #post(scans) {
    const sent = Date.now();
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Unbroken": "1", Accept: "application/json" },
      body: JSON.stringify({ scans }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.json().catch(() => ({}));
    if (body.server_time) this.#measureClock(Date.parse(body.server_time), sent, Date.now());
    return { status: response.status, results: body.results };
  }

  #measureClock(server, sent, received) {
    this.#contact.offset = Math.round(server - (sent + received) / 2);
    this.#contact.uncertainty = Math.ceil((received - sent) / 2);
  }

  async #settle(items, results) {
    const byId = new Map(results.map((result) => [result.id, result]));
    let taken = 0;
    for (const item of items) {
      const result = byId.get(item.body.id);
      if (!result) continue;
      if (result.conflict) await this.#store.setAside(item, 409);
      else await this.#store.remove(item.device_seq);
      taken += 1;
      this.#onResult(result, item.body);
      this.#channel.postMessage({ result, scan: item.body });
    }
    return taken;
  }

  #reached() {
    this.#contact.state = "saved";
    this.#pause = FIRST_WAIT_MS;
  }

  #failed(state) {
    this.#contact.state = state;
    this.#later(this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_WAIT_MS);
  }

  #later(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), milliseconds);
  }

  #state(counts) {
    if (this.#contact.state !== "saved") return this.#contact.state;
    return counts.waiting > 0 ? "waiting" : "saved";
  }

  async #tell() {
    this.#onCounts(await this.counts());
  }
}
