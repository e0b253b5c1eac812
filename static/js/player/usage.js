// Megabytes of film and posters that this browser fetched this month, and whether it is to save them.
const SAVING = "save-data";
const SPENT = "media-bytes";

export function isSaving() {
  const chosen = localStorage.getItem(SAVING);
  if (chosen !== null) tell(chosen);
  return chosen === null ? navigator.connection?.saveData === true : chosen === "on";
}

export function save(on) {
  localStorage.setItem(SAVING, on ? "on" : "off");
  tell(on ? "on" : "off");
}

// The server asks too: it starts the first clip in the page itself, before this file is here.
function tell(chosen) {
  document.cookie = `${SAVING}=${chosen}; path=/; max-age=31536000; samesite=lax`;
}

const month = () => new Date().toISOString().slice(0, 7);

export function megabytes() {
  const [kept, bytes] = (localStorage.getItem(SPENT) || "").split(":");
  return kept === month() ? Number(bytes) / 1e6 : 0;
}

export function countMegabytes() {
  if (!("PerformanceObserver" in window)) return null;
  const observer = new PerformanceObserver((list) => {
    let bytes = megabytes() * 1e6;
    for (const entry of list.getEntries()) {
      if (new URL(entry.name).pathname.startsWith("/media/")) bytes += entry.transferSize || 0;
    }
    localStorage.setItem(SPENT, `${month()}:${Math.round(bytes)}`);
  });
  observer.observe({ type: "resource", buffered: true });
  return observer;
}
