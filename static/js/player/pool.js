// Three <video> elements for any number of clips. A clip borrows one while it is near the screen; what leaves gives
// it to what comes. A video shows only once it has a frame, so the poster never blinks.
import { uncaption } from "./captions.js";

const SIZE = 3;

export class VideoPool {
  constructor() {
    this.idle = [];
    this.lent = new Map();
    for (let i = 0; i < SIZE; i += 1) this.idle.push(make());
  }

  of(card) {
    return this.lent.get(card);
  }

  // `cards` in order of need; everything else loses its video first.
  keep(cards, sourceOf) {
    for (const [card, video] of this.lent) {
      if (!cards.includes(card)) this.#take(card, video);
    }
    for (const card of cards.slice(0, SIZE)) {
      if (!this.lent.has(card) && this.idle.length) this.#lend(card, sourceOf(card));
    }
  }

  clear() {
    for (const [card, video] of this.lent) this.#take(card, video);
  }

  #lend(card, source) {
    const video = this.idle.pop();
    video.classList.add("is-waiting");
    video.src = source;
    card.querySelector(".clip__picture").append(video);
    this.lent.set(card, video);
  }

  #take(card, video) {
    video.pause();
    uncaption(video);
    video.removeAttribute("src");
    video.load();
    video.remove();
    this.lent.delete(card);
    this.idle.push(video);
  }
}

function make() {
  const video = document.createElement("video");
  video.className = "clip__video";
  video.playsInline = true;
  video.loop = true;
  video.muted = true;
  video.preload = "none";
  video.disableRemotePlayback = true;
  video.setAttribute("aria-hidden", "true");
  video.tabIndex = -1;
  video.addEventListener("loadeddata", () => video.classList.remove("is-waiting"));
  return video;
}
