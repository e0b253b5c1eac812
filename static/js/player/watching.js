// How long each clip was really watched, told to our own server when it leaves the screen. Each impression has a
// random id, so that telling it twice counts once.
const LEAST_MS = 300;

export class Watching {
  constructor(url) {
    this.url = url;
    this.card = null;
  }

  start(card) {
    this.stop();
    this.card = card;
    this.visit = crypto.randomUUID ? crypto.randomUUID() : uuid();
    this.ms = 0;
    this.since = null;
  }

  playing() {
    if (this.card && this.since === null) this.since = performance.now();
  }

  paused() {
    if (this.since !== null) this.ms += performance.now() - this.since;
    this.since = null;
  }

  stop() {
    this.paused();
    if (this.card && this.ms >= LEAST_MS) {
      const event = { post: this.card.dataset.id, visit: this.visit, watch_ms: Math.round(this.ms) };
      navigator.sendBeacon(this.url, new Blob([JSON.stringify({ events: [event] })], { type: "application/json" }));
    }
    this.card = null;
  }
}

// crypto.randomUUID is there only on a secure origin; a phone on plain http watches too.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
