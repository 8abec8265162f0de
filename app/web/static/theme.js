// Light or dark, remembered on this device. A plain script in the head, so that nothing flashes.
"use strict";
(() => {
  const root = document.documentElement;
  const wishes = { read: () => null, write: () => undefined };
  try {
    const store = window.localStorage;
    wishes.read = () => store.getItem("theme");
    wishes.write = (theme) => store.setItem("theme", theme);
  } catch {
    // Storage is closed (private mode): the choice lasts as long as the page.
  }
  const wished = wishes.read();
  if (wished === "light" || wished === "dark") root.dataset.theme = wished;

  const isDark = () =>
    (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  function tell() {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-pressed", String(isDark()));
    }
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    root.dataset.theme = isDark() ? "light" : "dark";
    wishes.write(root.dataset.theme);
    tell();
  });
  document.addEventListener("DOMContentLoaded", tell);
})();
