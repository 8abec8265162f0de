// The words of this page in the person's language, and the facts the server put into it.
const block = JSON.parse(document.getElementById("page").textContent);

export const language = block.language;
export const page = block.page;
export const strings = block.strings;

const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language);

// A text with {places}; where the catalogue holds one and other, `count` chooses.
export function t(key, places = {}) {
  const found = strings[key] ?? key;
  const text = typeof found === "string" ? found : found[plural.select(places.count)] ?? found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => written(places[name], whole));
}

function written(value, whole) {
  if (value === undefined || value === null) return whole;
  return typeof value === "number" ? number.format(value) : String(value);
}

// Names one after the other: "EDTA 10 mL, urine".
export function listed(names) {
  return names.join(", ");
}
