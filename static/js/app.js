// Loads each custom element the page uses from elements/<name>.js, when it first appears. A page never lists
// its scripts; an element that is not there costs nothing.
const asked = new Set();

function load(element) {
  const name = element.localName;
  if (asked.has(name) || !/^[a-z]+(-[a-z]+)+$/.test(name)) return;
  asked.add(name);
  import(`./elements/${name}.js`);
}

function scan(root) {
  if (root.localName?.includes("-")) load(root);
  root.querySelectorAll?.(":not(:defined)").forEach(load);
}

scan(document.documentElement);
new MutationObserver((changes) => {
  for (const change of changes) change.addedNodes.forEach(scan);
}).observe(document.documentElement, { childList: true, subtree: true });

// A row of tabs that is wider than the screen shows the one that is open.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.clientWidth) / 2;
}

// The address of a film at a store of objects is good for half a minute: a plain player that asks it for more
// later asks here anew, once at each place. (The feed's player does so itself.)
const tried = new WeakMap();
document.addEventListener("error", ({ target: video }) => {
  if (!(video instanceof HTMLVideoElement) || video.closest("clip-feed")) return;
  if (!video.currentSrc.startsWith(`${location.origin}/media/`) || tried.get(video) === video.currentTime) return;
  const [at, isPlaying] = [video.currentTime, !video.paused];
  tried.set(video, at);
  video.load();
  video.currentTime = at;
  if (isPlaying) video.play().catch(() => {});
}, true);

// A second press while the first is on its way is its echo: nothing is asked for, or paid, twice.
const ECHO_MS = 8000;
const sent = new WeakMap();
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const isEcho = performance.now() - (sent.get(form) ?? -ECHO_MS) < ECHO_MS;
  if (isEcho) event.preventDefault();
  else sent.set(form, performance.now());
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => sent.delete(form)));

// A first visit has its style sheets inside the page; the next page finds them in the cache.
window.addEventListener("load", () => {
  for (const style of document.querySelectorAll("style[data-sheets]")) {
    for (const href of style.dataset.sheets.split(" ")) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", as: "style", href }));
    }
  }
});

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
