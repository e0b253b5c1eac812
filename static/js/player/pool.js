// Three <video> elements for any number of clips. A clip borrows one while it is near the screen; what leaves gives
// it to what comes. A video shows only once it has a frame, so the poster never blinks.
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

  // The video that the page itself began to play in `card` is one of the three from now on. Where it found nothing to
  // play (less motion is wanted, or its address failed) it is left to who plays: `loaded` says that it may be tried now.
  adopt(card, video, source, loaded) {
    this.idle.pop();
    video.autoplay = false; // what it is lent next must not start by itself
    video.controls = false;
    dress(video);
    this.lent.set(card, video);
    video.querySelector("source")?.addEventListener("error", () => {
      if (this.lent.get(card) !== video) return;
      this.#load(video, source);
      loaded(); // what was asked to play before has been refused with the address that failed
    });
    if (video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) this.#load(video, source);
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
    this.#load(video, source);
    card.querySelector(".clip__picture").append(video);
    this.lent.set(card, video);
  }

  #load(video, source) {
    video.replaceChildren();
    video.classList.add("is-waiting");
    video.src = source;
  }

  #take(card, video) {
    video.pause();
    video.replaceChildren();
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
  dress(video);
  return video;
}

function dress(video) {
  video.setAttribute("aria-hidden", "true");
  video.tabIndex = -1;
  video.addEventListener("loadeddata", () => video.classList.remove("is-waiting"));
}
