// <clip-feed>: one clip a screen. Scrolling and snapping are the browser's; this decides what plays, loads and stays.
import { Refused, send } from "../http.js";
import { caption } from "../player/captions.js";
import { VideoPool } from "../player/pool.js";
import { countMegabytes, isSaving } from "../player/usage.js";
import { Reel } from "../player/reel.js";
import { Watching } from "../player/watching.js";
import { toast } from "../toast.js";

const SOUND = "sound";
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const liking = new WeakMap(); // what was asked last of each button

class ClipFeed extends HTMLElement {
  connectedCallback() {
    this.reel = new Reel(this);
    this.pool = new VideoPool();
    this.watching = new Watching("/feed/watched");
    this.sound = localStorage.getItem(SOUND) === "on";
    this.saving = isSaving();
    this.counting = countMegabytes();
    this.adopt();
    this.stopped = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopped.signal });
    on(this, "click", (event) => this.click(event));
    on(this, "submit", (event) => event.target.matches("[data-like]") && event.preventDefault());
    on(document, "keydown", (event) => this.key(event));
    on(document, "visibilitychange", () => (document.hidden ? this.pause(true) : this.play()));
    on(window, "pagehide", () => this.watching.stop());
    on(window, "pageshow", (event) => event.persisted && this.enter(this.current));
    on(document, "clip-hold", () => this.pause());
    on(document, "clip-go", () => this.play());
    on(document, "data-saver", (event) => this.saveData(event.detail.on));
    on(this, "scrollend", () => (this.goal = null));
    for (const touched of ["wheel", "pointerdown"]) on(this, touched, () => (this.goal = null));
    for (const sheet of document.querySelectorAll("#more, #why")) {
      on(sheet, "click", (event) => event.target === sheet && sheet.close());
      on(sheet, "submit", (event) => event.target.matches("[data-put]") && this.put(event, sheet));
    }
    on(window, "resize", () => this.reel.around(this.reel.indexOf(this.current)));
    this.eye = new IntersectionObserver((seen) => this.look(seen), { root: this, threshold: 0.6 });
    this.reel.cards.forEach((card) => this.eye.observe(card));
    this.eye.observe(this.reel.end);
    this.showSound();
  }

  // The page began the first clip itself; from here on it is ours.
  adopt() {
    const video = this.querySelector(".clip__video[autoplay]");
    const card = video?.closest(".clip");
    if (card) this.pool.adopt(card, video, this.source(card), () => this.play());
    if (this.saving) this.pool.clear();
    else if (document.hidden) video?.pause();
  }

  source(card) {
    const small = this.saving || (navigator.connection?.downlink ?? 10) < 2;
    return small ? card.dataset.videoSmall : card.dataset.video;
  }

  disconnectedCallback() {
    this.stopped.abort();
    this.eye.disconnect();
    this.watching.stop();
    this.counting?.disconnect();
    this.pool.clear();
  }

  saveData(on) {
    this.saving = on;
    this.pool.clear();
    this.enter(this.current);
  }

  look(seen) {
    const here = seen.filter((entry) => entry.isIntersecting).at(-1)?.target;
    if (!here) return;
    this.isOver = here === this.reel.end; // nothing plays on unseen there
    if (this.isOver) this.pause(true);
    else if (here === this.current) this.play();
    else this.enter(here);
  }

  enter(card) {
    if (!card) return;
    this.current?.classList.remove("is-here", "is-paused");
    this.current = card;
    card.classList.add("is-here");
    const index = this.reel.indexOf(card);
    this.reel.around(index).forEach((came) => this.eye.observe(came));
    this.showSound();
    this.lend(index);
    this.watching.start(card);
    this.wanted = !(calm.matches || this.saving);
    if (this.wanted) this.play();
    else this.pause(); // a browser that knows no media on a source began the first clip all the same
    // Last: who hears it may hold the clip again, and a curtain in front of one that plays is none.
    card.dispatchEvent(new CustomEvent("clip-enter", { detail: { id: card.dataset.id }, bubbles: true }));
    if (index >= this.reel.total - 4) this.more();
  }

  // This clip, the next, the one before: three videos. The next loads only when this one is safe.
  lend(index) {
    const card = this.reel.at(index);
    const next = this.reel.at(index + 1);
    const before = this.reel.at(index - 1);
    this.pool.keep([card, next, before].filter(Boolean), (one) => this.source(one));
    const video = this.pool.of(card);
    video.preload = this.saving ? "none" : "auto";
    video.ontimeupdate = () => this.tick(card, video);
    video.onplaying = () => this.watching.playing();
    video.onwaiting = () => this.watching.paused();
    video.onpause = () => this.watching.paused();
    video.onerror = () => this.again(card, video);
    const safe = () => {
      const following = next && this.pool.of(next);
      if (following && !this.saving) following.preload = "auto";
    };
    video.oncanplaythrough = safe;
    if (video.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA) safe();
    for (const other of [next, before]) this.pool.of(other)?.pause();
    if (!this.saving) caption(video, card.dataset.clip, video.muted);
  }

  tick(card, video) {
    if (!video.duration) return;
    if (this.tried?.card === card && Math.abs(video.currentTime - this.tried.at) > 0.5) this.tried = null; // it plays
    card.querySelector(".clip__time").value = (100 * video.currentTime) / video.duration;
    card.dispatchEvent(new CustomEvent("clip-time", { detail: { ms: video.currentTime * 1000 }, bubbles: true }));
  }

  // A media address may have gone stale, as one of S3 does twice a minute: ask ours once more and go on where it was.
  // Where that fails before anything more has played, the file is gone.
  again(card, video) {
    if (card !== this.current || this.tried?.card === card || this.pool.of(card) !== video) return;
    const at = video.currentTime;
    this.tried = { card, at };
    video.src = this.source(card);
    video.currentTime = at;
    if (this.wanted) this.play();
  }

  async play() {
    const card = this.current;
    const video = card && this.pool.of(card);
    if (!video || !this.wanted || this.isOver || document.hidden) return;
    video.muted = !this.sound;
    if (!this.saving) caption(video, card.dataset.clip, video.muted);
    try {
      await video.play();
    } catch (refused) {
      if (refused.name !== "NotAllowedError") return;
      video.muted = true; // the browser wants a touch first: play without sound until then
      if (!this.saving) caption(video, card.dataset.clip, true);
      this.showSound(false);
      await video.play().catch(() => card.classList.add("is-paused"));
    }
    if (card === this.current && !video.paused) {
      card.classList.remove("is-paused");
      this.watching.playing(); // one that the page began plays already and says so no more
      this.tellSystem(card);
    }
  }

  // The lock screen and the keys of a headset: what plays, on and back.
  tellSystem(card) {
    if (!("mediaSession" in navigator)) return;
    navigator.mediaSession.metadata = new MediaMetadata({
      title: card.getAttribute("aria-label"),
      artist: card.querySelector(".clip__person b")?.textContent || "",
      artwork: [{ src: card.querySelector(".clip__poster").src }],
    });
    const acts = {
      play: () => this.toggle(),
      pause: () => this.toggle(),
      nexttrack: () => this.go(1),
      previoustrack: () => this.go(-1),
    };
    for (const [name, act] of Object.entries(acts)) navigator.mediaSession.setActionHandler(name, act);
  }

  pause(byItself = false) {
    this.pool.of(this.current)?.pause();
    if (!byItself) this.current?.classList.add("is-paused");
  }

  toggle() {
    const video = this.pool.of(this.current);
    this.wanted = Boolean(video?.paused);
    if (this.wanted) this.play();
    else this.pause();
  }

  setSound(on) {
    this.sound = on;
    localStorage.setItem(SOUND, on ? "on" : "off");
    const video = this.pool.of(this.current);
    if (video) {
      video.muted = !on;
      caption(video, this.current.dataset.clip, video.muted);
    }
    this.showSound();
  }

  showSound(on = this.sound) {
    for (const button of this.querySelectorAll('[data-do="sound"]')) {
      button.setAttribute("aria-pressed", String(on));
      const use = button.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, on ? "#sound" : "#muted"));
    }
  }

  async more() {
    const cursor = this.dataset.next;
    if (!cursor || this.asking) return;
    this.asking = true;
    try {
      const page = await send("GET", `${this.dataset.more}?cursor=${encodeURIComponent(cursor)}`);
      this.reel.append(page.cards);
      this.dataset.next = page.next || "";
      this.reel.around(this.reel.indexOf(this.current)).forEach((came) => this.eye.observe(came));
      this.showSound();
      this.lend(this.reel.indexOf(this.current));
    } catch (refused) {
      toast(refused.message);
    } finally {
      this.asking = false;
    }
  }

  // A second press while the first still scrolls goes one clip further; after the last clip comes the end.
  go(step) {
    const from = this.goal?.isConnected ? this.goal : this.current;
    const at = from === this.reel.end || (this.isOver && !this.goal) ? this.reel.total : this.reel.indexOf(from);
    const isEnd = at + step >= this.reel.total && !this.dataset.next;
    this.goal = (isEnd ? this.reel.end : this.reel.at(at + step)) ?? from;
    this.goal.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
  }

  click(event) {
    const button = event.target.closest("[data-do]");
    const card = button?.closest(".clip");
    if (!card) return;
    const act = this[`do_${button.dataset.do}`];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act.call(this, card, button);
  }

  key(event) {
    const busy = event.target.closest?.("input, textarea, select, dialog, summary");
    if (busy || event.ctrlKey || event.metaKey || event.altKey || !this.current) return;
    const onControl = event.target.closest?.("button, a");
    const acts = {
      ArrowDown: () => this.go(1),
      PageDown: () => this.go(1),
      j: () => this.go(1),
      ArrowUp: () => this.go(-1),
      PageUp: () => this.go(-1),
      k: () => this.go(-1),
      m: () => this.setSound(!this.sound),
      l: () => this.do_like(this.current),
      c: () => this.do_comments(this.current),
      " ": onControl ? null : () => this.toggle(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  do_toggle() {
    this.toggle();
  }

  do_sound() {
    this.setSound(!this.sound);
  }

  async do_like(card) {
    const button = card.querySelector('[data-do="like"]');
    const liked = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!liked));
    // One after the other: the last press is the one that counts, here and at the host.
    const ask = () => send(liked ? "DELETE" : "PUT", `/api/v1/posts/${card.dataset.id}/like`);
    const asked = (liking.get(button) ?? Promise.resolve()).then(ask, ask);
    liking.set(button, asked);
    try {
      const answer = await asked;
      if (liking.get(button) !== asked) return;
      button.setAttribute("aria-pressed", String(answer.liked));
      button.querySelector("[data-count]").textContent = answer.like_count;
    } catch (refused) {
      if (liking.get(button) !== asked) return;
      button.setAttribute("aria-pressed", String(liked));
      this.refuse(refused, card);
    }
  }

  // Whoever has to sign in first comes back to the clip they pressed on.
  refuse(refused, card) {
    const isStranger = refused instanceof Refused && refused.status === 401;
    if (isStranger) location.assign(`/login?next=${encodeURIComponent(card.dataset.url)}`);
    else toast(refused.message);
  }

  // What a form of a sheet asks is asked from here, and the feed stays where it is.
  async put(event, sheet) {
    event.preventDefault();
    const { put, said, on } = event.target.dataset;
    const card = this.current;
    sheet.close();
    try {
      await send("PUT", put);
      toast(said);
      if (on !== undefined && card === this.current) this.go(1);
    } catch (refused) {
      this.refuse(refused, card);
    }
  }

  do_comments(card) {
    const sheet = document.getElementById("comments");
    sheet.querySelector("comment-sheet").show(card);
    sheet.showModal();
  }

  async do_share(card) {
    const url = new URL(card.dataset.url, location.href).href;
    try {
      if (navigator.share) await navigator.share({ url, title: document.title });
      else {
        await navigator.clipboard.writeText(url);
        toast(this.dataset.copied);
      }
    } catch (refused) {
      if (refused.name !== "AbortError") location.assign(url);
    }
  }

  do_why(card) {
    open("why", "[data-why]", card.querySelector("[data-why-of]"));
  }

  do_more(card) {
    open("more", "[data-more-items]", card.querySelector("[data-more-of]"));
  }
}

function open(id, place, template) {
  const sheet = document.getElementById(id);
  sheet.querySelector(place).replaceChildren(template.content.cloneNode(true));
  sheet.showModal();
}

customElements.define("clip-feed", ClipFeed);
