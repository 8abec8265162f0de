// The scanner check: hears the keys of a scan, and says what to change at the scanner. Sends nothing.
import { decode, FAST_MS } from "../scan/capture.js";
import { judge, LONGEST } from "../scan/judge.js";
import { page, t } from "../strings.js";

const SHORTEST = 4; // fewer characters are somebody's keys
const IDLE_MS = 1_500; // a text that rests this long has no end of its own
const place = (name) => document.querySelector(`[data-check=${name}]`);
let keys = [];
let rest = null;

function onKeyDown(event) {
  if (event.isComposing || event.repeat || event.metaKey) return;
  if ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph")) return;
  if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) return end(event);
  const character = decode(event);
  if (character === null) return;
  if (keys.length <= LONGEST) keys.push({ character, key: event.key, at: event.timeStamp });
  clearTimeout(rest);
  rest = setTimeout(() => conclude(null), IDLE_MS);
}

function end(event) {
  if (keys.length < SHORTEST) return forget();
  event.preventDefault();
  event.stopImmediatePropagation();
  conclude(event.key);
}

// A text without an end is judged only if a scanner sent it: a person may still be typing.
function conclude(suffix) {
  const heard = keys;
  forget();
  if (heard.length < SHORTEST) return;
  const found = judge({ keys: heard, suffix, codes: Object.keys(page.codes) });
  if (suffix !== null || found.gap <= FAST_MS) show(found);
}

function forget() {
  clearTimeout(rest);
  keys = [];
}

function show(found) {
  place("result").hidden = false;
  place("nothing").hidden = true;
  place("shown").textContent = found.shown.slice(0, LONGEST);
  place("sent").textContent = found.sent.slice(0, LONGEST);
  place("suffix").textContent = found.suffix ?? t("check.none");
  place("prefix").textContent = found.prefix ?? t("check.none");
  place("layout").textContent = answer(found.layout);
  place("case").textContent = answer(found.layout === null ? null : found.lettercase);
  place("gap").textContent = t("check.gap", { count: Math.round(found.gap) });
  place("doubled").textContent = t(found.doubled ? "check.yes" : "check.no");
  const advice = found.faults.length === 0 ? ["good"] : found.faults;
  place("advice").replaceChildren(...advice.map((fault) => line(t(`check.${fault}`))));
  document.getElementById("status").textContent = advice.map((fault) => t(`check.${fault}`)).join(" ");
}

function answer(right) {
  if (right === null) return t("check.unknown");
  return t(right ? "check.right" : "check.wrong");
}

function line(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}

window.addEventListener("keydown", onKeyDown, true);
document.documentElement.dataset.ready = "yes";
