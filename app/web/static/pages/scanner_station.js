// The check of a scanner at a station: shows each read as the server got it, and what to change.
import { answered, failed, hear, hearingOf, showHearing } from "../scan/hearing.js";
import { judgeRead } from "../scan/judge_read.js";
import { page, t } from "../strings.js";

const MOST = 50; // rows; more are nobody's to read
const UNPRINTABLE = /[^\x20-\x7e]/g;
const place = (name) => document.querySelector(`[data-serial=${name}]`);
const hearing = hearingOf(page.station);
const known = new Set(); // ids of reads that were shown
const last = new Map(); // scanner -> its last read
const right = new Set(); // codes whose last read was good

async function turn() {
  try {
    const news = await hear(hearing);
    if (news) take(news);
    answered(hearing);
  } catch (reason) {
    failed(hearing, reason);
  }
  showHearing(document.querySelector("[data-hears]"), hearing);
  setTimeout(turn, hearing.more ? 0 : hearing.pause);
}

function take({ told, tag }) {
  Object.assign(hearing, { tag, more: told.more });
  for (const heard of told.reads.filter(({ id }) => !known.has(id))) {
    known.add(heard.id);
    show(heard, judgeRead({ heard, before: last.get(heard.device_id), codes: page.codes }));
    last.set(heard.device_id, heard);
  }
}

function show(heard, { code, faults }) {
  const good = faults.length === 0;
  place("nothing").hidden = true;
  const advice = good ? [t("serial.good")] : faults.map((fault) => t(fault));
  place("reads").prepend(row(heard, advice, good));
  [...place("reads").children].slice(MOST).forEach((each) => each.remove());
  if (code !== null) mark(code, good);
  place("all").hidden = !good || right.size < Object.keys(page.codes).length;
  document.getElementById("status").textContent = advice.join(". ");
}

function row(heard, advice, good) {
  const item = place("row").content.cloneNode(true);
  const fill = (name, words) => (item.querySelector(`[data-of=${name}]`).textContent = words);
  fill("raw", heard.raw.replace(UNPRINTABLE, "\u00b7"));
  fill("device", heard.device);
  fill("kind", heard.symbology === null || heard.symbology === "unknown" ? t("serial.no_kind") : heard.symbology);
  fill("took", heard.took_ms === null ? t("serial.no_time") : t("serial.took", { count: heard.took_ms }));
  fill("advice", advice.join(". "));
  paint(item.querySelector(".pill"), good);
  return item;
}

function mark(code, good) {
  if (good) right.add(code);
  else right.delete(code);
  paint(document.querySelector(`[data-code="${CSS.escape(code)}"] .pill`), good);
}

function paint(pill, good) {
  pill.dataset.tone = good ? "ok" : "warn";
  pill.querySelector("use").setAttribute("href", good ? "#check" : "#high");
  pill.querySelector("span").textContent = t(good ? "check.right" : "check.wrong");
}

if (page.station) turn();
