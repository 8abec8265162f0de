// What happens to a read: judged here from the facts in the page, painted, kept on this device,
// then the tone; the server's verdict comes later and confirms or changes the bar.
import { uuid7 } from "../ids.js";
import { page, t } from "../strings.js";
import { createBar } from "./bar.js";
import { listen } from "./capture.js";
import { COMMANDS, grouped, read } from "./code.js";
import { openQueue } from "./queue.js";
import { bindStation } from "./station.js";
import { createTones } from "./tones.js";
import { offerVirtual } from "./virtual.js";

// A page gives:
//   judge(reading)   -> {outcome, msg, sub, choices?, intent, revert?}; it has already changed its own state
//   context()        -> what the work is about now: {order, kit} or {package, box}
//   restore(scan)    -> takes up a scan of an earlier visit that has not been sent; may give a revert
//   verdict(result, scan) -> what the server said, after the engine has undone what it must
//   afterUndo()      -> words for the bar once a deed has been taken back
//   station()        -> what reads of a station's own scanners mean while it is bound to this page
//   next()           -> words for what is to be scanned next
export async function startEngine(job) {
  const engine = new Engine(job);
  await engine.start();
  return engine;
}

class Engine {
  #job;
  #bar = createBar(document.querySelector(".scan"));
  #tones = createTones();
  #queue = null;
  #counts = { waiting: 0, refused: 0, state: "saved" };
  #deeds = new Map(); // scan id -> what was judged
  #history = []; // ids of deeds that can be taken back, oldest first
  #typed = null; // a typed code that waits for its Yes
  #broken = false; // this device cannot keep scans: no more are taken

  constructor(job) {
    this.#job = job;
  }

  async start() {
    // A promise, so that scans heard while the drawer opens wait for it in their order.
    this.#queue = openQueue({
      onResult: (result, scan) => this.#verdict(result, scan),
      onCounts: (counts) => this.#connection(counts),
    });
    const capture = listen({ deliver: (heard) => this.#hear(heard), foreign: page.foreign ?? [] });
    offerVirtual({ inject: capture.inject });
    this.#bindControls();
    try {
      const queue = await this.#queue;
      for (const scan of await queue.pending()) this.#takeUp(scan);
      bindStation({ task: this.#job.station, onRead: (read, quiet) => this.#hearStation(read, quiet) });
    } catch {
      this.#storageFailed();
    }
  }

  get bar() {
    return this.#bar;
  }

  // A button that stands in for a command card.
  press(word) {
    this.#hear({ reading: read(COMMANDS[word]), method: "typed", gap: null });
  }

  // A deed that the page itself decided on, say a reason given in a form.
  record({ raw, judged }) {
    return this.#keep({ reading: { raw, symbology: null }, method: "typed", judged });
  }

  #hear({ reading, method }) {
    if (this.#broken) return this.#storageFailed();
    if (reading.muted) return this.#keep({ reading, method, judged: { intent: this.#fault(reading) }, silent: true });
    if (reading.fault) return this.#keep({ reading, method, judged: this.#judgeFault(reading) });
    if (this.#typed) {
      const waiting = this.#typed;
      this.#typed = null;
      if (reading.command === "YES") return this.#judge(waiting, "typed");
      if (reading.command === "NO") return this.#bar.show({ outcome: "ready", msg: t("typed.dropped"), sub: t("typed.again") });
    }
    if (method === "typed" && !reading.command) return this.#confirmTyped(reading);
    return this.#judge(reading, method);
  }

  #judge(reading, method) {
    const judged = reading.command === "UNDO" ? this.#undo() : this.#job.judge(reading);
    return this.#keep({ reading, method, judged });
  }

  // Typed codes are easy to get wrong in a way that fits: shown in groups, and confirmed once.
  #confirmTyped(reading) {
    this.#typed = reading;
    this.#bar.show({
      outcome: "choice",
      msg: t("typed.ask", { code: grouped(reading.code) }),
      sub: t("typed.compare"),
      choices: [
        { label: t("typed.yes"), main: true, press: () => this.press("YES") },
        { label: t("typed.no"), press: () => this.press("NO") },
      ],
    });
    document.querySelector(".scan [data-choices] button")?.focus();
  }

  #judgeFault(reading) {
    return {
      outcome: "stop",
      msg: t(`fault.${reading.fault}`),
      sub: t(`fault.${reading.fault}_do`),
      intent: this.#fault(reading),
    };
  }

  #fault(reading) {
    return { step: "read", facts: { fault: reading.fault ?? "muted" } };
  }

  #undo() {
    const id = this.#history.pop();
    if (!id) return { outcome: "already", msg: t("undo.nothing"), sub: t("undo.nothing_do"), intent: { step: "read" } };
    this.#deeds.get(id).revert();
    return { outcome: "ok", ...this.#job.afterUndo(), intent: { step: "undo", facts: { undoes: id } } };
  }

  // Paint first, it is only light; the tone waits for the disk.
  async #keep({ reading, method, judged, silent = false }) {
    const id = uuid7();
    this.#deeds.set(id, judged);
    if (judged.revert) this.#history.push(id);
    if (!silent) this.#bar.show({ ...judged, about: id });
    try {
      const queue = await this.#queue;
      await queue.put({
        id,
        raw: reading.raw,
        symbology: reading.symbology,
        method,
        device_time: localTime(new Date()),
        capture: page.capture_token ?? null,
        intent: filled({ ...this.#job.context(), ...judged.intent }),
      });
    } catch {
      return this.#storageFailed();
    }
    if (!silent) this.#tones.play(judged.outcome);
    return id;
  }

  #storageFailed() {
    this.#broken = true;
    this.#bar.show({ outcome: "stop", msg: t("storage.failed"), sub: t("storage.failed_do") });
    this.#tones.play("stop");
    this.#connection({ ...this.#counts, state: "broken" });
  }

  #takeUp(scan) {
    const revert = this.#job.restore(scan);
    if (!revert) return;
    this.#deeds.set(scan.id, { outcome: "ok", revert });
    this.#history.push(scan.id);
  }

  #verdict(result, scan) {
    const judged = this.#deeds.get(result.id);
    const against = result.verdict === "stop" || result.verdict === "refused";
    if (against && judged?.revert && this.#history.includes(result.id)) {
      this.#history = this.#history.filter((id) => id !== result.id);
      judged.revert();
    }
    this.#job.verdict(result, scan);
    if (!judged || !judged.outcome) return;
    const speaksOfIt = this.#bar.about === result.id;
    if (against) this.#sayAgainst(result, judged, speaksOfIt);
    else if (result.verdict === "look" && speaksOfIt && judged.outcome === "ok") this.#say("choice", result);
  }

  // A late Stop is never missed, though its scan has scrolled by; a Stop already shown gets better words.
  #sayAgainst(result, judged, speaksOfIt) {
    if (judged.outcome === "stop" && !speaksOfIt) return;
    this.#say("stop", result, judged.outcome !== "stop");
  }

  #say(outcome, result, aloud = true) {
    const code = result.subject && this.#bar.about !== result.id ? `${grouped(result.subject)}: ` : "";
    this.#bar.show({ outcome, msg: code + (result.title || t("verdict.refused")), sub: sentences(result), about: result.id });
    if (aloud) this.#tones.play(outcome);
  }

  // A read of the station's own scanner, judged at the server: painted as one of ours would be by now.
  #hearStation(read, quiet) {
    if (read.facts.undoes) this.#takenBack(read.facts.undoes);
    else this.#takeUp({ id: read.id, raw: read.subject ?? read.raw, intent: read.meant, device_time: read.seen_at });
    if (quiet) return;
    const outcome = OUTCOMES[read.verdict] ?? "choice";
    const sub = sentences(read) || this.#job.next();
    this.#bar.show({ outcome, msg: read.title || t("verdict.refused"), sub, about: read.id });
    this.#tones.play(outcome);
  }

  // What this page does not know of, it learns anew from the server.
  #takenBack(id) {
    const judged = this.#deeds.get(id);
    this.#history = this.#history.filter((each) => each !== id);
    if (judged) judged.revert?.();
    else if (this.#counts.waiting === 0) location.reload();
  }

  #connection(counts) {
    if (this.#broken) counts = { ...counts, state: "broken" };
    this.#counts = counts;
    this.#bar.connection(counts);
    for (const saved of document.querySelectorAll("[data-saved]")) showSaved(saved, counts);
  }

  #bindControls() {
    for (const button of document.querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => this.press(button.dataset.command));
    }
    for (const button of document.querySelectorAll("[data-mute]")) this.#bindMute(button);
    const form = document.querySelector("form.typed");
    form?.addEventListener("submit", (event) => {
      event.preventDefault(); // a scan page never submits
      const field = form.querySelector("input");
      const reading = read(field.value, page.foreign ?? []);
      if (!field.value.trim()) return;
      field.value = "";
      this.#hear({ reading, method: "typed" });
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.#counts.waiting > 0) event.preventDefault();
    });
  }

  #bindMute(button) {
    const show = () => button.setAttribute("aria-pressed", String(this.#tones.muted));
    button.addEventListener("click", () => {
      this.#tones.toggle();
      show();
    });
    show();
  }
}

const OUTCOMES = { accepted: "ok", look: "choice", stop: "stop", refused: "stop" };

function sentences({ message, action }) {
  return [message, action].filter(Boolean).join(". ").replaceAll("..", ".");
}

// A null in what a page says takes back what the context would have said.
function filled(intent) {
  return Object.fromEntries(Object.entries(intent).filter(([, value]) => value !== null));
}

const SAVED = {
  saved: { tone: "ok", icon: "check" },
  waiting: { tone: "quiet", icon: "wait" },
  offline: { tone: "warn", icon: "offline" },
  signed_out: { tone: "warn", icon: "lock" },
  broken: { tone: "stop", icon: "stop" },
};

// "All saved" stands there only while the server has every scan of this device.
function showSaved(place, { waiting, refused, state }) {
  const shown = refused > 0 && state === "saved" ? { tone: "warn", icon: "high" } : SAVED[state];
  place.dataset.tone = shown.tone;
  place.dataset.waiting = String(waiting);
  place.querySelector("use").setAttribute("href", `#${shown.icon}`);
  place.querySelector("span").textContent =
    refused > 0 && state === "saved" ? t("saved.refused", { count: refused }) : t(`saved.${state}`, { count: waiting });
}

// ISO time with the offset of this device's clock, so that the server need not guess the zone.
export function localTime(date) {
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (value) => String(Math.floor(Math.abs(value))).padStart(2, "0");
  return `${shifted}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}
