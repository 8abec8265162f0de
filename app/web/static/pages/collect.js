// Collect a kit: each tube scanned as it is drawn, Done at the end, a reason for what was not drawn.
import { grouped } from "../scan/code.js";
import { startEngine } from "../scan/engine.js";
import { language, listed, page, t } from "../strings.js";

const tubes = new Map(page.tubes.map((tube) => [tube.code, tube]));
// Site time, wherever this device thinks it is.
const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: page.time_zone,
});
const litres = new Intl.NumberFormat(language);
const reasons = document.getElementById("reasons");
let kitSeen = false;
let finished = page.finished ?? false;
let finishing = false;
let engine = null; // until it has started, earlier scans are being taken up

const JUDGES = {
  kit: judgeKit,
  participant: judgeParticipant,
  tube: judgeTube,
};
const CARDS = {
  DONE: judgeDone,
  "NOT COLLECTED": askReasons,
  PRINT: judgePrint,
};

function judge(reading) {
  if (reading.command) return (CARDS[reading.command] ?? judgeOtherCard)(reading);
  return (JUDGES[reading.kind] ?? judgeOtherKind)(reading);
}

function judgeKit(reading) {
  if (reading.code !== page.kit) return stop("kit.wrong", { kit: grouped(page.kit) }, "kit");
  if (kitSeen) return { outcome: "already", msg: t("kit.already"), sub: nextWords(), intent: { step: "read" } };
  kitSeen = true;
  return { outcome: "ok", msg: t("kit.right"), sub: nextWords(), intent: { step: "read", facts: { confirms: "kit" } } };
}

function judgeParticipant(reading) {
  if (reading.code !== page.participant_code) {
    return stop("participant.wrong", { participant: grouped(page.participant_code) }, "participant");
  }
  return { outcome: "ok", msg: t("participant.right"), sub: nextWords(), intent: { step: "read", facts: { confirms: "participant" } } };
}

function judgeTube(reading) {
  const tube = tubes.get(reading.code);
  if (!tube) return stop("tube.wrong", {}, "collect");
  if (tube.state === "done") {
    return { outcome: "already", msg: t("tube.already", { time: tube.at }), sub: nextWords(), intent: { step: "read" } };
  }
  const inOrder = nextTube() === tube;
  const revert = change(tube, "done", clock.format(new Date()));
  const sub = inOrder ? nextWords() : t("tube.out_of_order", { next: nextWords() });
  return { outcome: "ok", msg: t("tube.ok", { tube: named(tube) }), sub, intent: { step: "collect" }, revert };
}

function judgeDone() {
  const missing = open();
  if (missing.length > 0) {
    finishing = true;
    showReasons(missing);
    return {
      outcome: "choice",
      msg: t("done.missing", { count: missing.length, tubes: listed(missing.map(named)) }),
      sub: t("done.missing_do"),
      intent: { step: "read", facts: { meant: "done" } },
    };
  }
  if (finished) return { outcome: "already", msg: t("done.already"), sub: t("done.next"), intent: { step: "read" } };
  finished = true;
  hideReasons();
  const revert = () => {
    finished = false;
  };
  return { outcome: "ok", msg: t("done.ok"), sub: t("done.next"), intent: { step: "done" }, revert };
}

function askReasons() {
  const missing = open();
  if (missing.length === 0) {
    return { outcome: "already", msg: t("reasons.none_open"), sub: t("done.press"), intent: { step: "read" } };
  }
  finishing = false;
  showReasons(missing);
  return { outcome: "choice", msg: t("reasons.ask"), sub: t("reasons.ask_do"), intent: { step: "read" } };
}

// The server says where they come out, or that they do already.
function judgePrint() {
  return { outcome: "ok", msg: t("print.asked"), sub: nextWords(), intent: { step: "print" } };
}

function judgeOtherCard(reading) {
  return { outcome: "already", msg: t("card.no_use"), sub: nextWords(), intent: { step: "read", facts: { card: reading.command } } };
}

function judgeOtherKind() {
  return stop("collect.other_kind", {}, "collect");
}

// Stopped here, so the deed is not reported: only that this code was read, and what was meant.
function stop(key, places, meant) {
  return { outcome: "stop", msg: t(key), sub: t(`${key}_do`, places), intent: { step: "read", facts: { meant, stopped: key } } };
}

function open() {
  return page.tubes.filter((tube) => tube.state === "wait");
}

function nextTube() {
  return open()[0];
}

function named(tube) {
  return `${tube.name} ${litres.format(tube.volume_ml)} mL`;
}

function nextWords() {
  const tube = nextTube();
  return tube ? t("tube.next", { tube: named(tube), cap: tube.cap }) : t("done.press");
}

// Changes a tube's card and gives back the way to change it back.
function change(tube, state, at = "") {
  const before = { state: tube.state, at: tube.at };
  Object.assign(tube, { state, at });
  finished = finished && open().length === 0;
  paint();
  return () => {
    Object.assign(tube, before);
    finished = false;
    paint();
  };
}

const SIGNS = { done: "check", next: "arrow", wait: "wait", none: "cross" };

function paint() {
  const next = nextTube();
  for (const tube of page.tubes) {
    const card = document.querySelector(`.tube[data-code="${tube.code}"]`);
    const state = tube === next ? "next" : tube.state;
    card.dataset.state = state;
    card.querySelector(".state use").setAttribute("href", `#${SIGNS[state]}`);
    card.querySelector(".state span").textContent = state === "done" ? tube.at : t(`tube.state_${state}`);
  }
  engine?.bar.tally(page.tubes.filter((tube) => tube.state === "done").length, page.tubes.length);
}

function showReasons(missing) {
  const wanted = new Set(missing.map((tube) => tube.code));
  for (const row of reasons.querySelectorAll("[data-reason-for]")) row.hidden = !wanted.has(row.dataset.reasonFor);
  reasons.hidden = false;
  reasons.querySelector("[data-reason-for]:not([hidden]) select").focus();
}

function hideReasons() {
  reasons.hidden = true;
  for (const row of reasons.querySelectorAll("[data-reason-for]")) clear(row);
}

function clear(row) {
  row.querySelector("select").value = "";
  row.querySelector("input").value = "";
  mark(row, "");
}

function mark(row, words) {
  row.toggleAttribute("data-error", words !== "");
  row.querySelector(".wrong").textContent = words;
  row.querySelector("input").closest(".field").hidden = !needsComment(row);
}

function needsComment(row) {
  return row.querySelector("select").selectedOptions[0]?.hasAttribute("data-comment") ?? false;
}

function problemOf(row) {
  const chosen = row.querySelector("select").value;
  if (!chosen) return finishing ? t("reasons.choose") : "";
  return needsComment(row) && !row.querySelector("input").value.trim() ? t("reasons.say_what") : "";
}

async function recordReasons(event) {
  event.preventDefault();
  const rows = [...reasons.querySelectorAll("[data-reason-for]:not([hidden])")];
  const problems = rows.map((row) => [row, problemOf(row)]);
  for (const [row, words] of problems) mark(row, words);
  const first = problems.find(([, words]) => words);
  if (first) return first[0].querySelector(needsComment(first[0]) ? "input" : "select").focus();
  for (const row of rows.filter((each) => each.querySelector("select").value)) await recordReason(row);
  hideReasons();
  if (finishing && open().length === 0) engine.press("DONE");
}

function recordReason(row) {
  const tube = tubes.get(row.dataset.reasonFor);
  const reason = row.querySelector("select").value;
  const comment = row.querySelector("input").value.trim();
  const facts = comment ? { reason, comment } : { reason };
  const revert = change(tube, "none");
  const judged = { outcome: "ok", msg: t("reasons.recorded", { tube: named(tube) }), sub: nextWords(), intent: { step: "not_collected", facts }, revert };
  return engine.record({ raw: tube.code, judged });
}

function restore(scan) {
  const step = scan.intent?.order === page.order ? scan.intent.step : null;
  const tube = tubes.get(scan.raw);
  if (step === "collect" && tube?.state !== "done") return tube && change(tube, "done", clock.format(new Date(scan.device_time)));
  if (step === "not_collected" && tube?.state === "wait") return change(tube, "none");
  if (step === "done") finished = true;
  return null;
}

function verdict(result, scan) {
  if (result.verdict === "stop" || result.verdict === "refused") paint();
  if (result.verdict === "accepted" && scan?.intent?.step === "print" && engine.bar.about === result.id) {
    engine.bar.show({ outcome: "ok", msg: result.title, sub: result.message, about: result.id });
  }
}

engine = await startEngine({
  judge,
  restore,
  verdict,
  context: () => ({ order: page.order, kit: page.kit }),
  afterUndo: () => ({ msg: t("undo.ok"), sub: nextWords() }),
  station: () => ({ step: "collect", order: page.order, kit: page.kit }),
  next: nextWords,
});
reasons.addEventListener("submit", recordReasons);
reasons.addEventListener("change", (event) => mark(event.target.closest("[data-reason-for]"), ""));
reasons.querySelector("[data-close]").addEventListener("click", hideReasons);
paint();
document.documentElement.dataset.ready = "yes";
