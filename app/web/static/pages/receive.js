// Receive a package: box by box, tube by tube, against what was said to be inside.
// What is missing, extra or damaged is written down at once, and becomes somebody's task.
import { bindGrids } from "../grid.js";
import { grouped } from "../scan/code.js";
import { startEngine } from "../scan/engine.js";
import { listed, page, t } from "../strings.js";

const boxes = new Map(page.boxes.map((box) => [box.code, box]));
const places = new Map(page.boxes.flatMap((box) => box.tubes.map((tube) => [tube.code, { box, tube }])));
const exceptions = document.getElementById("exceptions");
const row = document.getElementById("exception");
let engine = null; // until it has started, earlier scans are being taken up
let box = null;
let condition = null; // a condition card that waits for its tube
let answering = false; // Done was scanned while tubes are missing: Yes closes, No goes on

const CONDITIONS = { DAMAGED: "broken", LEAKING: "leaked", "LOW VOLUME": "low_volume", HAEMOLYSED: "haemolysed" };
const JUDGES = { package: judgePackage, box: judgeBox, tube: judgeTube };
const CARDS = {
  DONE: judgeDone,
  YES: judgeYes,
  NO: judgeNo,
  "MISSING LABEL": judgeUnlabelled,
  ...Object.fromEntries(Object.keys(CONDITIONS).map((card) => [card, judgeCondition])),
};

function judge(reading) {
  if (reading.command !== "YES" && reading.command !== "NO") answering = false;
  if (reading.command) return (CARDS[reading.command] ?? judgeOtherCard)(reading);
  return (JUDGES[reading.kind] ?? judgeOtherKind)(reading);
}

function judgePackage(reading) {
  if (reading.code !== page.package) return stop("package.wrong", { code: grouped(page.package) }, "check_in");
  return { outcome: "ok", msg: t("package.right"), sub: t("box.scan"), intent: { step: "read" } };
}

function judgeBox(reading) {
  const scanned = boxes.get(reading.code);
  condition = null;
  if (!scanned) {
    addException({ kind: "extra_box", code: reading.code });
    return { outcome: "choice", msg: t("box.extra"), sub: t("box.extra_do"), intent: { step: "check_in", box: null } };
  }
  open(scanned);
  const sub = t("box.scan_tubes", { count: due(scanned).length });
  if (scanned.state === "in") return { outcome: "already", msg: t("box.again"), sub, intent: { step: "read" } };
  const before = scanned.state;
  scanned.state = "in";
  const revert = () => {
    scanned.state = before;
  };
  return { outcome: "ok", msg: t("box.right", { code: grouped(scanned.code) }), sub, intent: { step: "check_in", box: null }, revert };
}

function judgeTube(reading) {
  const found = places.get(reading.code);
  const noted = condition;
  condition = null;
  if (!found) return extra(reading, noted);
  if (noted) return damaged(found, noted);
  if (found.tube.state !== "due" && found.tube.state !== "missing") {
    return { outcome: "already", msg: t("tube.already_here"), sub: progress(), intent: { step: "read" } };
  }
  if (found.box !== box) return otherBox(found);
  const revert = change(found, "in");
  return { outcome: "ok", msg: t("tube.received", { place: found.tube.position }), sub: progress(), intent: { step: "check_in" }, revert };
}

function extra(reading, noted) {
  const undo = addException({ kind: "extra", code: reading.code });
  const facts = noted ? { condition: noted } : {};
  return {
    outcome: "choice",
    msg: t("tube.extra"),
    sub: t("tube.extra_do"),
    intent: { step: "check_in", facts },
    revert: undo,
  };
}

function otherBox(found) {
  const undo = addException({ kind: "other_box", code: found.tube.code, place: grouped(found.box.code) });
  const changeBack = change(found, "in");
  return {
    outcome: "choice",
    msg: t("tube.other_box"),
    sub: t("tube.other_box_do", { box: grouped(found.box.code) }),
    intent: { step: "check_in" },
    revert: both(undo, changeBack),
  };
}

// One scan, one deed: a tube not seen yet is checked in with its condition, a seen one gets it noted.
function damaged(found, noted) {
  const step = found.tube.state === "due" || found.tube.state === "missing" ? "check_in" : "note_condition";
  const undo = addException({ kind: noted, code: found.tube.code, place: found.tube.position });
  const changeBack = change(found, "hold");
  return {
    outcome: "ok",
    msg: t("condition.noted", { condition: t(`exception.${noted}`), place: found.tube.position }),
    sub: progress(),
    intent: { step, facts: { condition: noted } },
    revert: both(undo, changeBack),
  };
}

function judgeCondition(reading) {
  condition = CONDITIONS[reading.command];
  return {
    outcome: "choice",
    msg: t("condition.which", { condition: t(`exception.${condition}`) }),
    sub: t("condition.which_do"),
    intent: { step: "read", facts: { card: reading.command } },
  };
}

function judgeUnlabelled() {
  const undo = addException({ kind: "unlabelled", code: "" });
  return {
    outcome: "ok",
    msg: t("unlabelled.noted"),
    sub: t("unlabelled.noted_do"),
    intent: { step: "check_in", facts: { label: "missing" } },
    revert: undo,
  };
}

function judgeDone() {
  if (!box) return closePackage();
  const missing = due(box);
  if (missing.length === 0) return closeBox([]);
  answering = true;
  return {
    outcome: "choice",
    msg: t("close.missing", { count: missing.length }),
    sub: t("close.missing_do", { places: listed(missing.slice(0, 8).map((tube) => tube.position)) }),
    choices: [
      { label: t("close.yes", { count: missing.length }), main: true, press: () => engine.press("YES") },
      { label: t("close.no"), press: () => engine.press("NO") },
    ],
    intent: { step: "read", facts: { meant: "done" } },
  };
}

function judgeYes(reading) {
  if (!answering) return judgeOtherCard(reading);
  answering = false;
  return closeBox(due(box));
}

function judgeNo(reading) {
  if (!answering) return judgeOtherCard(reading);
  answering = false;
  return { outcome: "already", msg: t("close.goes_on"), sub: progress(), intent: { step: "read" } };
}

function closeBox(missing) {
  const closed = box;
  const undos = missing.map((tube) => both(
    addException({ kind: "missing", code: tube.code, place: tube.position }),
    change({ box: closed, tube }, "missing"),
  ));
  const received = closed.tubes.filter((tube) => tube.state === "in" || tube.state === "hold").length;
  closed.closed = true;
  open(null);
  const left = page.boxes.filter((each) => !each.closed).length;
  return {
    outcome: "ok",
    msg: t("close.done", { received, missing: missing.length }),
    sub: left > 0 ? t("close.next_box", { count: left }) : t("close.package"),
    intent: { step: "done", box: closed.code, facts: { missing: missing.map((tube) => tube.code) } },
    revert() {
      closed.closed = false;
      for (const undo of undos) undo();
      open(closed);
    },
  };
}

function closePackage() {
  const left = page.boxes.filter((each) => !each.closed);
  if (left.length > 0) {
    return {
      outcome: "choice",
      msg: t("package.boxes_left", { count: left.length }),
      sub: listed(left.map((each) => grouped(each.code))),
      intent: { step: "read", facts: { meant: "done" } },
    };
  }
  return { outcome: "ok", msg: t("package.closed"), sub: t("package.closed_do"), intent: { step: "done" }, revert: paintTally };
}

function judgeOtherCard(reading) {
  return { outcome: "already", msg: t("card.no_use"), sub: progress(), intent: { step: "read", facts: { card: reading.command } } };
}

function judgeOtherKind() {
  return stop("receive.other_kind", {}, "check_in");
}

// Stopped here, so the deed is not reported: only that this code was read, and what was meant.
function stop(key, words, meant) {
  return { outcome: "stop", msg: t(key), sub: t(`${key}_do`, words), intent: { step: "read", facts: { meant, stopped: key } } };
}

function due(which) {
  return which.tubes.filter((tube) => tube.state === "due");
}

function progress() {
  return box ? t("box.left", { count: due(box).length }) : t("box.scan");
}

function both(first, second) {
  return () => {
    first();
    second();
  };
}

function change(found, state) {
  const before = found.tube.state;
  found.tube.state = state;
  paintCell(found.tube);
  paintTally();
  return () => {
    found.tube.state = before;
    paintCell(found.tube);
    paintTally();
  };
}

function open(which) {
  box = which;
  for (const section of document.querySelectorAll("[data-box]")) section.hidden = section.dataset.box !== which?.code;
  document.getElementById("no-box").hidden = which !== null;
  paintTally();
}

const CELL_SIGNS = { hold: "thaw", missing: "gap" };

function paintCell(tube) {
  const cell = document.querySelector(`.cell[data-code="${tube.code}"]`);
  if (!cell) return;
  const here = tube.state === "in" || tube.state === "hold";
  cell.dataset.state = { missing: "wrong", due: "due", in: "in", hold: "hold" }[tube.state];
  cell.setAttribute("aria-label", t(`cell.${tube.state}`, { place: tube.position, tube: tube.code.slice(8, 12) }));
  cell.querySelector("use").setAttribute("href", `#${CELL_SIGNS[tube.state] ?? "check"}`);
  cell.querySelector("svg").toggleAttribute("hidden", !(tube.state in CELL_SIGNS));
  cell.querySelector("span").textContent = here ? tube.code.slice(8, 12) : "";
  const line = document.querySelector(`[data-line="${tube.code}"]`);
  if (line) line.textContent = t(`line.${tube.state}`);
}

function paintTally() {
  for (const each of page.boxes) {
    const line = document.querySelector(`[data-box-line="${each.code}"]`);
    line.textContent = each.closed ? t("box.closed") : t("box.tubes", { count: each.tubes.length });
  }
  if (!engine) return;
  const tubes = box?.tubes;
  if (tubes) engine.bar.tally(tubes.length - due(box).length, tubes.length, t("tally.tubes"));
  else engine.bar.tally(page.boxes.filter((each) => each.closed).length, page.boxes.length, t("tally.boxes"));
}

function addException({ kind, code, place = "" }) {
  const made = row.content.firstElementChild.cloneNode(true);
  made.querySelector("[data-kind-words]").textContent = t(`exception.${kind}`);
  made.querySelector("[data-place]").textContent = place;
  made.querySelector("[data-code-words]").textContent = code ? grouped(code) : t("exception.no_label");
  made.dataset.exception = code;
  exceptions.append(made);
  countExceptions();
  return () => {
    made.remove();
    countExceptions();
  };
}

function countExceptions() {
  const count = exceptions.children.length;
  document.getElementById("exception-count").textContent = count > 0 ? t("exception.count", { count }) : t("exception.none");
}

function restore({ raw, intent }) {
  if (intent?.package !== page.package) return null;
  const { step, box: inside, facts = {} } = intent;
  if (boxes.has(inside)) open(boxes.get(inside));
  if (step === "done") return boxes.has(inside) && !box.closed ? closeBox(due(box)).revert : null;
  if (step !== "check_in" && step !== "note_condition") return null;
  return boxes.has(raw) ? restoreBox(boxes.get(raw)) : restoreTube(raw, facts);
}

function restoreBox(scanned) {
  scanned.state = "in";
  open(scanned);
  return null;
}

function restoreTube(raw, { condition: noted = null, label = "" }) {
  const found = places.get(raw);
  if (label === "missing") return addException({ kind: "unlabelled", code: raw.startsWith("TB") ? raw : "" });
  if (!found) return addException({ kind: noted ?? "extra", code: raw });
  if (!noted) return found.tube.state === "due" ? change(found, "in") : null;
  const undo = addException({ kind: noted, code: raw, place: found.tube.position });
  return both(undo, change(found, "hold"));
}

// A tube without a label gets a new identity from the server; the person must write it on the tube.
function verdict(result, scan) {
  if (scan.intent?.facts?.label !== "missing" || !result.subject) return;
  const waiting = exceptions.querySelector('[data-exception=""]');
  if (!waiting) return;
  waiting.dataset.exception = result.subject;
  waiting.querySelector("[data-code-words]").textContent = grouped(result.subject);
}

engine = await startEngine({
  judge,
  restore,
  verdict,
  context: () => ({ package: page.package, ...(box ? { box: box.code } : {}) }),
  afterUndo: () => ({ msg: t("undo.ok"), sub: progress() }),
  station: () => ({ step: "check_in", package: page.package }),
  next: progress,
});
bindGrids();
paintTally();
document.documentElement.dataset.ready = "yes";
