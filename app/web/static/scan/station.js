// A page bound to a station hears what the station's own scanners read, within a second or so. The
// server has such a read already, and has judged it: it is shown here, and never sent again.
import { language, page, t } from "../strings.js";

const EVERY_MS = 1_000;
const SILENT_MS = 5_000; // longer than any poll that is well
const LONGEST_MS = 10_000;
const TIMEOUT_MS = 5_000;
const THERE_MS = 60_000; // whoever scans at the station is there: so often it is said
const KEPT = "station";
const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: page.time_zone,
});

// `task()` is what the station's reads mean while this page is open. `onRead(read, quiet)` shows one;
// quietly where it was made before the page could listen.
export function bindStation({ task, onRead }) {
  const place = document.querySelector("[data-station]");
  if (place) new Binding(place, { task, onRead }).start();
}

class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
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
    this.#choice.addEventListener("change", () => this.#choose(this.#choice.value));
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
      Object.assign(bound, { seen: Date.now(), pause: EVERY_MS, trouble: null });
    } catch (reason) {
      bound.trouble = reason instanceof Refused ? reason : null;
      bound.pause = Math.min(bound.pause * 2, LONGEST_MS);
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
    const response = await send(bound, "GET", `reads?since=${encodeURIComponent(page.made_at)}`, {
      headers: quiet ? {} : { "If-None-Match": bound.tag },
    });
    if (response.status === 304 || this.#bound !== bound) return;
    const told = await response.json();
    bound.tag = response.headers.get("ETag");
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
    const { tone, icon, words } = state(bound);
    this.#again.hidden = !bound.elsewhere;
    if (this.#said.dataset.tone !== tone) this.#said.dataset.tone = tone;
    const text = this.#said.querySelector("span");
    if (text.textContent === words) return;
    this.#said.querySelector("use").setAttribute("href", `#${icon}`);
    text.textContent = words;
  }
}

// The task that was opened (`openedAt`), how far the page has come (`tag`), since when nothing was heard.
function boundTo(station) {
  const asked = { asking: false, timer: null, pause: EVERY_MS, seen: Date.now(), trouble: null };
  return { station, openedAt: null, tag: null, more: false, elsewhere: false, ...asked };
}

function state({ trouble, elsewhere, tag, seen }) {
  if (trouble?.status === 401) return { tone: "warn", icon: "lock", words: t("station.signed_out") };
  if (trouble) return { tone: "stop", icon: "cross", words: trouble.message };
  if (Date.now() - seen > SILENT_MS) return { tone: "warn", icon: "offline", words: t("station.silent", { time: clock.format(seen) }) };
  if (tag === null) return { tone: "quiet", icon: "wait", words: t("station.opening") };
  if (elsewhere) return { tone: "warn", icon: "high", words: t("station.elsewhere") };
  return { tone: "ok", icon: "check", words: t("station.hears") };
}

// Raises Refused where the server says no; whatever else is wrong is tried again.
async function send({ station }, method, path, { headers = {}, ...rest } = {}) {
  const response = await fetch(`/api/v1/stations/${encodeURIComponent(station)}/${path}`, {
    method,
    headers: { Accept: "application/json", "X-Unbroken": "1", ...headers },
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...rest,
  });
  if (response.status >= 500) throw new Error(`answered ${response.status}`);
  if (response.status >= 400) {
    const { detail = "", advice = "" } = await response.json().catch(() => ({}));
    throw new Refused(response.status, [detail, advice].filter(Boolean).join(". "));
  }
  return response;
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
