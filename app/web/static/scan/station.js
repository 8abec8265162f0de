// A page bound to a station hears what the station's own scanners read, within a second or so. The
// server has such a read already, and has judged it: it is shown here, and never sent again.
import { page } from "../strings.js";
import { answered, EVERY_MS, failed, hear, hearingOf, send, showHearing } from "./hearing.js";

const THERE_MS = 60_000; // whoever scans at the station is there: so often it is said
const KEPT = "station";

// `task()` is what the station's reads mean while this page is open. `onRead(read, quiet)` shows one;
// quietly where it was made before the page could listen.
export function bindStation({ task, onRead }) {
  const place = document.querySelector("[data-station]");
  if (place) new Binding(place, { task, onRead }).start();
}

class Binding {
  #choice;
  #again;
  #said;
  #task;
  #onRead;
  #bound = null;
  #line = Promise.resolve(); // what the server is told of tasks
  #heard = new Set(); // ids of reads that were shown
  #thereAt = -Infinity;

  constructor(place, { task, onRead }) {
    this.#choice = place.querySelector("select");
    this.#again = place.querySelector("button");
    this.#said = document.querySelector("[data-hears]");
    this.#task = task;
    this.#onRead = onRead;
  }

  start() {
    const known = remembered();
    if ([...this.#choice.options].some(({ value }) => value === known)) this.#choice.value = known;
    // Chosen again it stays at work: between two tasks a read would be nobody's.
    this.#choice.addEventListener("change", () => this.#choice.value !== this.#bound?.station && this.#choose(this.#choice.value));
    this.#again.addEventListener("click", () => this.#choose(this.#choice.value));
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("pageshow", (event) => event.persisted && this.#bind(this.#choice.value));
    document.addEventListener("visibilitychange", () => document.hidden || (this.#bound && this.#turn(this.#bound)));
    setInterval(() => this.#bound && this.#show(this.#bound), EVERY_MS);
    this.#bind(this.#choice.value);
  }

  #choose(station) {
    this.#leave();
    remember(station);
    this.#bind(station);
  }

  #bind(station) {
    this.#bound = station ? boundTo(station) : null;
    this.#again.hidden = true;
    this.#said.hidden = station === "";
    if (this.#bound) this.#turn(this.#bound);
  }

  // The station is at nothing any more, unless another page has it by now.
  #leave() {
    const bound = this.#bound;
    this.#bound = null;
    if (!bound) return;
    clearTimeout(bound.timer);
    this.#inTurn(() => this.#close(bound)).catch(() => undefined);
  }

  // One after the other: else a task could be opened after the one that was wanted later.
  #inTurn(deed) {
    const done = this.#line.then(deed);
    this.#line = done.catch(() => undefined);
    return done;
  }

  async #turn(bound) {
    if (bound.asking) return;
    clearTimeout(bound.timer);
    bound.asking = true;
    try {
      if (!bound.openedAt) await this.#inTurn(() => this.#open(bound));
      if (this.#bound === bound) await this.#ask(bound);
      answered(bound);
    } catch (reason) {
      failed(bound, reason);
    }
    bound.asking = false;
    if (this.#bound !== bound) return;
    this.#show(bound);
    bound.timer = setTimeout(() => this.#turn(bound), bound.more ? 0 : bound.pause);
  }

  async #open(bound) {
    if (this.#bound !== bound) return;
    const response = await send(bound, "PUT", "task", {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(this.#task()),
    });
    bound.openedAt = (await response.json()).opened_at;
  }

  async #close({ station, openedAt }) {
    if (openedAt) await send({ station }, "DELETE", `task?opened_at=${encodeURIComponent(openedAt)}`, { keepalive: true });
  }

  async #ask(bound) {
    const quiet = bound.tag === null;
    const found = await hear(bound, page.made_at);
    if (found === null || this.#bound !== bound) return;
    const { told, tag } = found;
    bound.tag = tag;
    bound.more = told.more;
    bound.elsewhere = told.task?.opened_at !== bound.openedAt;
    const news = told.reads.filter(({ id }) => !this.#heard.has(id));
    for (const read of news) {
      this.#heard.add(read.id);
      this.#onRead(read, quiet);
    }
    if (news.length > 0 && !quiet) this.#sayThere(Date.now());
  }

  // A question whether something changed keeps nobody signed in; a scan does.
  #sayThere(now) {
    if (now - this.#thereAt < THERE_MS) return;
    this.#thereAt = now;
    fetch("/api/v1/session", { cache: "no-store" }).catch(() => undefined);
  }

  #show(bound) {
    this.#again.hidden = !bound.elsewhere;
    showHearing(this.#said, bound);
  }
}

// What is heard, of a task that was opened (`openedAt`); `asking` while a question is under way.
function boundTo(station) {
  return { ...hearingOf(station), openedAt: null, asking: false, timer: null };
}

function remembered() {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return ""; // storage is closed: as in a new browser
  }
}

function remember(station) {
  try {
    localStorage.setItem(KEPT, station);
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
}
