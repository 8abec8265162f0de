// Hears a keyboard-wedge scanner anywhere on the page, and leaves people's own typing alone.
// A scan is known by its grammar and its terminator; time only says whether it was scanned or typed.
import { read } from "./code.js";

const IDLE_MS = 1500; // after this long a new text begins; never an end of a scan by time
export const FAST_MS = 60; // median gap of a scanner; nobody types 16 characters a second
const SHORTEST = 4; // fewer characters are somebody's keys, not a code
const TOGETHER_MS = 300; // one pull of the trigger may read several labels
const LINE_END_MS = 200; // the second half of CR+LF, however busy the computer; nobody presses twice so fast

// Physical keys, US map: a scanner sends these whatever layout or Caps Lock the computer has.
const PLAIN = {
  Space: " ", Minus: "-", Equal: "=", BracketLeft: "[", BracketRight: "]", Backslash: "\\", Semicolon: ";",
  Quote: "'", Comma: ",", Period: ".", Slash: "/", Backquote: "`",
};
const SHIFTED = {
  Digit1: "!", Digit2: "@", Digit3: "#", Digit4: "$", Digit5: "%", Digit6: "^", Digit7: "&", Digit8: "*",
  Digit9: "(", Digit0: ")", Minus: "_", Equal: "+", BracketLeft: "{", BracketRight: "}", Backslash: "|",
  Semicolon: ":", Quote: '"', Comma: "<", Period: ">", Slash: "?", Backquote: "~",
};

// Which character the physical key means; null for a key that writes nothing.
export function decode(event) {
  const letter = /^Key([A-Z])$/.exec(event.code);
  if (letter) return event.shiftKey ? letter[1] : letter[1].toLowerCase();
  if (event.shiftKey && event.code in SHIFTED) return SHIFTED[event.code];
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
  if (digit) return digit[1];
  if (event.code in PLAIN) return PLAIN[event.code];
  return event.key.length === 1 ? event.key : null; // no physical key known: Android keyboards
}

// `deliver({reading, method, gap})` is called once per read; `reading.muted` marks what another
// read of the same trigger pull speaks for. Returns {inject, stop}.
export function listen({ deliver, foreign = [] }) {
  let keys = [];
  let held = null;
  let waiting = null;
  let goodAt = -Infinity;
  let endedAt = -Infinity;
  let spaceSwallowed = false;

  function onKeyDown(event) {
    if (event.isComposing || event.repeat) return;
    if (isLineFeed(event)) return swallow(event);
    if ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph")) return;
    if (event.metaKey) return;
    if (isTerminator(event)) return onTerminator(event);
    const character = decode(event);
    if (character !== null) onCharacter(event, character);
  }

  function onCharacter(event, character) {
    const idle = keys.length === 0 || event.timeStamp - keys.at(-1).at > IDLE_MS;
    if (idle) {
      keys = [];
      held = remember(document.activeElement);
    }
    const inBurst = !idle && event.timeStamp - keys.at(-1).at <= FAST_MS;
    keys.push({ character, at: event.timeStamp });
    // A space inside a scan must not press the button that has the focus; a space of its own must.
    if (character === " " && inBurst && !isTextField(event.target)) {
      spaceSwallowed = true;
      swallow(event);
    }
  }

  function onTerminator(event) {
    const fromField = isTextField(event.target);
    const text = keys.map((key) => key.character).join("");
    const gap = medianGap(keys);
    const fresh = keys.length > 0 && event.timeStamp - keys.at(-1).at <= IDLE_MS;
    const before = held;
    keys = [];
    held = null;
    if (!fresh) {
      if (event.timeStamp - endedAt <= LINE_END_MS) swallow(event);
      return;
    }
    const reading = read(text, foreign);
    // A page that is busy makes a scanner look slow; nobody types the prefix of one and a valid code.
    const named = reading.symbology !== null && !reading.fault;
    const scanned = named || (text.length >= SHORTEST && gap <= FAST_MS);
    if (fromField ? !scanned : reading.fault === "unknown" && text.length < SHORTEST) return;
    swallow(event);
    endedAt = event.timeStamp;
    restore(before);
    take({ reading, method: scanned ? "scan" : "typed", gap, at: event.timeStamp });
  }

  // A good code speaks for the whole trigger pull: faults just before and just after stay silent.
  function take({ reading, method, gap, at }) {
    if (!reading.fault) {
      goodAt = at;
      settle(true);
      return deliver({ reading: { ...reading, muted: false }, method, gap });
    }
    if (at - goodAt <= TOGETHER_MS) return deliver({ reading: { ...reading, muted: true }, method, gap });
    settle(true);
    const timer = setTimeout(() => settle(false), TOGETHER_MS);
    waiting = { reading, method, gap, timer };
  }

  function settle(muted) {
    if (!waiting) return;
    const { reading, method, gap, timer } = waiting;
    clearTimeout(timer);
    waiting = null;
    deliver({ reading: { ...reading, muted }, method, gap });
  }

  function onKeyUp(event) {
    if (event.code !== "Space" || !spaceSwallowed) return;
    spaceSwallowed = false;
    swallow(event); // Firefox presses a button on the key's way up
  }

  function isLineFeed(event) {
    return event.ctrlKey && event.code === "KeyJ" && event.timeStamp - endedAt <= LINE_END_MS;
  }

  window.addEventListener("keydown", onKeyDown, true);
  window.addEventListener("keyup", onKeyUp, true);
  return {
    inject: (text) => take({ reading: read(text, foreign), method: "scan", gap: 0, at: performance.now() }),
    stop() {
      window.removeEventListener("keydown", onKeyDown, true);
      window.removeEventListener("keyup", onKeyUp, true);
    },
  };
}

function isTerminator(event) {
  return (event.key === "Enter" || event.key === "Tab") && !event.shiftKey;
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function isTextField(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element instanceof HTMLTextAreaElement) return true;
  return element instanceof HTMLInputElement && !/^(?:button|checkbox|radio|submit|reset|range|color|file|image)$/.test(element.type);
}

// What the scan's characters may spoil: the text of a field, the choice of a list.
function remember(element) {
  if (isTextField(element) && !element.isContentEditable) {
    return { element, value: element.value, start: element.selectionStart, end: element.selectionEnd };
  }
  return element instanceof HTMLSelectElement ? { element, value: element.value } : null;
}

function restore(before) {
  if (!before) return;
  before.element.value = before.value;
  if (before.start !== undefined && before.start !== null) {
    before.element.setSelectionRange(before.start, before.end);
  }
}

export function medianGap(keys) {
  const gaps = keys.slice(1).map((key, at) => key.at - keys[at].at).sort((a, b) => a - b);
  return gaps.length === 0 ? Infinity : gaps[Math.floor(gaps.length / 2)];
}
