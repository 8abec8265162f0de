// What a read says: one of our codes, a foreign one that was asked for, or a fault with its name.
// The same grammar as the server's (labels/code.py); the shared vectors hold both to it.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";
const SHAPE = /^[A-Z]{2}[0-9]{10}[0-9A-Z]$/;
const GROUPED = /^[A-Z]{2} [0-9]{4} [0-9]{4} [0-9]{2} [0-9A-Z]$/;
const NEVER_MINTED = "*ILOU";
const LONGEST = 128;

const NAMESPACES = {
  TB: "tube",
  KT: "kit",
  BX: "box",
  RK: "rack",
  SF: "shelf",
  FZ: "freezer",
  PK: "package",
  PN: "participant",
  ST: "station",
  BD: "badge",
  CM: "command",
};

// The first three characters a scanner may put before the text, so that the kind of symbol is known.
const SYMBOLOGIES = {
  C0: "code128",
  C1: "gs1_128",
  C2: "code128_fnc1_second",
  C4: "isbt128",
  A0: "code39",
  A1: "code39_check",
  d1: "datamatrix",
  d2: "gs1_datamatrix",
  Q1: "qr",
  Q3: "gs1_qr",
  E0: "ean13",
  I0: "itf",
  F0: "codabar",
  L0: "pdf417",
};

// New words go at the end: the cards are on the benches.
const WORDS = [
  "DONE", "UNDO", "NEXT", "NOT COLLECTED", "DAMAGED", "LEAKING", "LOW VOLUME", "HAEMOLYSED",
  "MISSING LABEL", "PAUSE", "PRINT", "HELP", "YES", "NO",
];

// ISO 7064 MOD 37-2 of capital letters and digits.
export function checkCharacter(payload) {
  let total = 0;
  for (const character of payload) total = ((total + ALPHABET.indexOf(character)) * 2) % 37;
  return ALPHABET[(38 - total) % 37];
}

export function isOurs(text) {
  return SHAPE.test(text) && text.slice(0, 2) in NAMESPACES && checkCharacter(text.slice(0, -1)) === text.at(-1);
}

// Word -> code, for the buttons that stand in for a card.
export const COMMANDS = Object.fromEntries(minted("CM", WORDS.length).map((code, at) => [WORDS[at], code]));
const WORD_OF = Object.fromEntries(Object.entries(COMMANDS).map(([word, code]) => [code, word]));

function minted(namespace, wanted) {
  const codes = [];
  for (let number = 1; codes.length < wanted; number += 1) {
    const payload = namespace + String(number).padStart(10, "0");
    const check = checkCharacter(payload);
    if (!NEVER_MINTED.includes(check)) codes.push(payload + check);
  }
  return codes;
}

// As it is printed for people: TB 0001 2345 67 K. Anything else stays as it is.
export function grouped(text) {
  if (!SHAPE.test(text)) return text;
  return [text.slice(0, 2), text.slice(2, 6), text.slice(6, 10), text.slice(10, 12), text.slice(12)].join(" ");
}

// The symbology prefix ]xx, taken off; a text that is not one stays whole.
export function unwrap(raw) {
  const found = /^\]([A-Za-z][0-9A-Za-z])/.exec(raw);
  if (!found) return { text: raw, symbology: null };
  return { text: raw.slice(3), symbology: SYMBOLOGIES[found[1]] ?? `aim_${found[1]}` };
}

// Read a text as it arrived. `foreign` is a list of {kind, pattern}. The answer has either
// `kind` and `code` (and `command` for a card) or a `fault`: check, doubled, unknown.
export function read(raw, foreign = []) {
  const { text, symbology } = unwrap(raw);
  const plain = normalise(text);
  const half = plain.slice(0, plain.length / 2);
  const found = { raw: text.slice(0, 512), symbology };
  if (text.length > LONGEST) return { ...found, fault: "unknown" };
  if (isOurs(plain)) {
    return { ...found, raw: plain, kind: NAMESPACES[plain.slice(0, 2)], code: plain, command: WORD_OF[plain] ?? null };
  }
  if (SHAPE.test(plain) && plain.slice(0, 2) in NAMESPACES) return { ...found, raw: plain, fault: "check" };
  if (isTwice(plain) && isOurs(half)) return { ...found, fault: "doubled", code: half };
  if (isTwice(raw) && unwrap(raw).symbology && isOurs(normalise(unwrap(raw.slice(0, raw.length / 2)).text))) {
    return { ...found, fault: "doubled", code: normalise(unwrap(raw.slice(0, raw.length / 2)).text) };
  }
  const fit = foreign.find(({ pattern }) => new RegExp(`^(?:${pattern})$`).test(plain));
  if (fit) return { ...found, raw: plain, kind: fit.kind, code: plain, command: null };
  return { ...found, fault: "unknown" };
}

function normalise(text) {
  const capitals = text.trim().toUpperCase();
  return GROUPED.test(capitals) ? capitals.replaceAll(" ", "") : capitals;
}

export function isTwice(text) {
  return text.length > 0 && text.length % 2 === 0 && text.slice(0, text.length / 2).repeat(2) === text;
}
