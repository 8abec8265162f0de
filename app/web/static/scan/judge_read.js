// What is wrong with a read of a station's own scanner, as the server got it: the text against the
// codes it may have read. For what a keyboard does to a code, see judge.js.
import { read } from "./code.js";
import { closest, folded } from "./judge.js";

const SHORTEST = 4; // fewer characters are no part of a code
const AGAIN_MS = 1_500; // nobody scans a code once more as soon as this on purpose
const LONG_MS = 2_000;
const UNKNOWN = "unknown";
const UNREADABLE = /[^\x20-\x7e]/;

// `heard` is a read as the door of stations tells it, `before` the one before it of that scanner, or
// undefined; `codes` a kind of barcode for each code. The answer has the code that was meant, or null,
// and `faults`: keys of sentences, the first to mend first; an empty list is a good read.
export function judgeRead({ heard, before, codes }) {
  const code = meant(heard.raw, Object.keys(codes));
  if (code === null) return { code, faults: [strangeness(heard.raw, Object.keys(codes))] };
  const faults = [shapeFault(heard.raw, code), isAgain(heard, before) && "serial.twice", kindFault(heard.symbology, codes[code])];
  if (heard.took_ms > LONG_MS) faults.push("serial.waited");
  return { code, faults: faults.filter(Boolean) };
}

function meant(raw, codes) {
  const holding = codes.find((code) => raw.includes(code));
  if (holding) return holding;
  const partly = codes.filter((code) => isPart(raw, code));
  return partly.length === 1 ? partly[0] : closest(raw, codes);
}

function isPart(raw, code) {
  return raw.length >= SHORTEST && code.includes(raw);
}

function shapeFault(raw, code) {
  if (raw === code) return null;
  if (raw.split(code).length > 2) return "check.doubled";
  if (raw.includes(code)) return "serial.added";
  if (code.includes(raw)) return "serial.cut";
  return folded(raw) === folded(code) ? "check.case" : "serial.garbled";
}

// Of a read that is none of the page's codes.
function strangeness(raw, codes) {
  if (codes.some((code) => isPart(raw, code))) return "serial.cut";
  if (UNREADABLE.test(raw)) return "serial.garbled";
  const { code, fault } = read(raw);
  if (fault === "check") return "serial.character";
  return code && !fault ? "serial.ours" : "check.other";
}

function isAgain(heard, before) {
  return before !== undefined && before.raw === heard.raw && Math.abs(Date.parse(heard.seen_at) - Date.parse(before.seen_at)) < AGAIN_MS;
}

function kindFault(symbology, kind) {
  if (symbology === null || symbology === UNKNOWN) return "check.prefix";
  return symbology === kind ? null : "serial.kind";
}
