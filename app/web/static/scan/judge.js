// What is wrong with how a scanner sends: the keys of one read against the codes it may have read.
import { FAST_MS, medianGap } from "./capture.js";
import { isTwice } from "./code.js";

export const LONGEST = 128;

const ALIKE_LEAST = 0.6;
const PREFIX_LONG = 3;
const PREFIX = /^\][A-Za-z][0-9A-Za-z]/;

// `keys` is a list of {character, key, at}: what the physical key means on a US keyboard, what this
// computer makes of it, and when, in ms. `suffix` is "Enter", "Tab" or null. The answer has what was
// seen, and `faults`: names, the first to mend first; an empty list is a good scanner.
export function judge({ keys, suffix, codes }) {
  const sent = keys.map(({ character }) => character).join("");
  const shown = keys.map(({ key }) => key).join("");
  const gap = medianGap(keys);
  if (keys.length > LONGEST) return { ...nothingMore({ sent, shown, suffix, gap }), faults: ["long"] };
  const doubled = isTwice(sent);
  const [text, there] = doubled ? [firstHalf(sent), firstHalf(shown)] : [sent, shown];
  const code = closest(text, codes);
  if (code === null) return { ...nothingMore({ sent, shown, suffix, gap }), faults: ["other"] };
  const prefix = PREFIX.exec(text)?.[0] ?? null;
  const body = text.slice(prefix?.length ?? 0);
  const layout = folded(body) === folded(code);
  const lettercase = !layout || (body === code && !isSwapped(there.slice(-code.length), code));
  const found = { doubled, layout, lettercase, prefix, suffix, gap };
  return { sent, shown, code, ...found, faults: faultsOf(found, body === code) };
}

function faultsOf({ doubled, layout, lettercase, prefix, suffix, gap }, sameLetters) {
  if (gap > FAST_MS) return ["slow"];
  const faults = [];
  if (suffix === null) faults.push("suffix");
  if (doubled) faults.push("doubled");
  if (!layout) faults.push("layout");
  else if (prefix === null) faults.push("prefix");
  if (!lettercase) faults.push(sameLetters ? "caps" : "case");
  return faults;
}

function nothingMore(seen) {
  return { ...seen, code: null, doubled: false, layout: null, lettercase: null, prefix: null };
}

// The code that shares the most characters with the text, in their order: at least 6 of 10.
export function closest(text, codes) {
  const alike = (code) => inCommon(folded(text), folded(code)) / code.length;
  const best = [...codes].sort((one, other) => alike(other) - alike(one))[0];
  return alike(best) >= ALIKE_LEAST && text.length <= best.length + PREFIX_LONG ? best : null;
}

// The length of the longest common subsequence.
function inCommon(one, other) {
  let before = Array(other.length + 1).fill(0);
  for (const character of one) {
    const row = [0];
    for (let at = 0; at < other.length; at += 1) {
      row.push(character === other[at] ? before[at] + 1 : Math.max(before[at + 1], row[at]));
    }
    before = row;
  }
  return before.at(-1);
}

// Caps Lock turns the letters of the computer, and not those of the physical keys.
function isSwapped(shown, code) {
  return shown !== code && shown === [...code].map((each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join("");
}

export function folded(text) {
  return text.toLowerCase();
}

export function firstHalf(text) {
  return text.slice(0, text.length / 2);
}
