// How a page hears a station: it asks each second, takes "nothing new" for an answer, and says how
// long it has heard nothing.
import { language, page, t } from "../strings.js";

export const EVERY_MS = 1_000;
const SILENT_MS = 5_000; // longer than any poll that is well
const LONGEST_MS = 10_000;
const TIMEOUT_MS = 5_000;
const clock = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: page.time_zone,
});

class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

// How far a page has come (`tag`), since when nothing was heard (`seen`), how soon it asks again.
export function hearingOf(station) {
  return { station, tag: null, more: false, elsewhere: false, pause: EVERY_MS, seen: Date.now(), trouble: null };
}

// The answer where there is news, else null. What was read before `since`, or before now, is none.
export async function hear(hearing, since = null) {
  const path = since === null ? "reads" : `reads?since=${encodeURIComponent(since)}`;
  const headers = hearing.tag === null ? {} : { "If-None-Match": hearing.tag };
  const response = await send(hearing, "GET", path, { headers });
  return response.status === 304 ? null : { told: await response.json(), tag: response.headers.get("ETag") };
}

export function answered(hearing) {
  Object.assign(hearing, { seen: Date.now(), pause: EVERY_MS, trouble: null });
}

export function failed(hearing, reason) {
  hearing.trouble = reason instanceof Refused ? reason : null;
  hearing.pause = Math.min(hearing.pause * 2, LONGEST_MS);
}

// Whether it hears, in the line of the page that is there for it.
export function showHearing(said, hearing) {
  const { tone, icon, words } = state(hearing);
  if (said.dataset.tone !== tone) said.dataset.tone = tone;
  const text = said.querySelector("span");
  if (text.textContent === words) return;
  said.querySelector("use").setAttribute("href", `#${icon}`);
  text.textContent = words;
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
export async function send({ station }, method, path, { headers = {}, ...rest } = {}) {
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
