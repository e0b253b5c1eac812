// Plays a clip live: keys, touch and tilt go out, display lists come in and are drawn by the page's clock.
import { Kit, draw } from "../play/strokes.js";

const KEYS = { ArrowUp: "jump", ArrowDown: "squat", " ": "wave" };
const TELL_EVERY = 3, KEEP_BEHIND = 24, TILT = 14;

class PlayStage extends HTMLElement {
  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.status = this.querySelector("[data-status]");
    this.kit = new Kit();
    this.frames = new Map();
    this.latencies = [];
    this.end = 0;
    this.shown = -1;
    this.moving = "stand";
    this.stop = new AbortController();
    this.listen();
    this.connect();
  }

  disconnectedCallback() {
    this.stop.abort();
    cancelAnimationFrame(this.tick);
    this.socket?.close();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.getAttribute("socket")}`);
    let line = Promise.resolve(); // messages are taken one after another: pictures before what shows them
    this.socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      line = line.then(() => this.take(message));
    });
    this.socket.addEventListener("close", () => this.over("no_player"));
  }

  async take(message) {
    if (message.type === "set") this.begin(message);
    else if (message.type === "faces") await this.takeFaces(message.faces);
    else if (message.type === "slot") await this.takeSlot(message);
    else if (message.type === "clip") location.assign(message.url);
    else if (message.type === "refused") this.say(message.message);
    else if (message.type === "over") this.over(message.why);
  }

  begin({ size: [width, height], fps, action }) {
    this.scale = Math.min(2, Math.max(1, window.devicePixelRatio || 1));
    this.canvas.width = width * this.scale;
    this.canvas.height = height * this.scale;
    this.fps = fps;
    this.moving = action;
    this.mark(action);
  }

  // Each address gives its picture once; nothing of it is stored.
  async takeFaces(faces) {
    await Promise.all(Object.entries(faces).map(async ([name, url]) => {
      const answer = await fetch(url, { cache: "no-store" });
      if (answer.ok) this.kit.images.set(name, await createImageBitmap(await answer.blob()));
    }));
  }

  async takeSlot({ from, frames, paints, images }) {
    await this.kit.take(images);
    this.kit.paints.push(...paints);
    frames.forEach((entries, k) => this.frames.set(from + k, entries));
    this.end = from + frames.length;
    if (this.pressed && from > 0) this.pressed.from = from;
    if (this.start === undefined) {
      this.start = performance.now();
      this.say("");
      this.querySelector("[data-controls]").hidden = false;
      this.loop();
    }
  }

  loop() {
    this.tick = requestAnimationFrame((now) => {
      let due = Math.floor(((now - this.start) * this.fps) / 1000);
      if (due >= this.end) { // nothing newer yet: hold, and let the clock wait
        due = this.end - 1;
        this.start = now - ((due + 0.99) * 1000) / this.fps;
      }
      if (due > this.shown && this.frames.has(due)) this.show(due, now);
      if (!this.isOver) this.loop();
    });
  }

  show(due, now) {
    this.shown = due;
    draw(this.canvas.getContext("2d"), this.frames.get(due), this.kit, this.scale);
    this.frames.delete(due - KEEP_BEHIND);
    if (this.pressed?.from !== undefined && due >= this.pressed.from) {
      this.latencies.push(now - this.pressed.at);
      this.pressed = undefined;
    }
    if (due % TELL_EVERY === 0) this.tell({ shown: due });
  }

  tell(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  // What the person wants now; the same wish is not told twice.
  want(action, facing = 0) {
    if (this.isOver || (action === this.moving && (!facing || facing === this.facing))) return;
    this.moving = action;
    if (facing) this.facing = facing;
    this.pressed = { at: performance.now() };
    this.tell({ do: { action, facing, shown: Math.max(0, this.shown) } });
    this.mark(action);
  }

  listen() {
    const on = (node, type, act, how) => node.addEventListener(type, act, { signal: this.stop.signal, ...how });
    on(window, "keydown", (event) => this.key(event, true));
    on(window, "keyup", (event) => this.key(event, false));
    on(window, "blur", () => this.letGo()); // a key that is let go elsewhere is not heard here
    for (const button of this.querySelectorAll("[data-action]")) {
      on(button, "click", () => this.want(button.dataset.action));
    }
    on(this.canvas, "pointerdown", (event) => this.touch(event));
    on(this.canvas, "pointermove", (event) => this.steer(event));
    for (const type of ["pointerup", "pointercancel"]) on(this.canvas, type, () => this.release());
    const tilt = this.querySelector("[data-tilt]");
    if (tilt && "DeviceOrientationEvent" in window) {
      tilt.hidden = false;
      on(tilt, "click", () => this.askForTilt(on));
    }
    on(this.querySelector("[data-keep]"), "click", () => { this.say(this.word("keeping")); this.tell({ keep: true }); });
  }

  key(event, down) {
    if (event.target.closest?.("button, input, textarea, select, a") && event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (side) {
      event.preventDefault();
      if (event.repeat) return;
      if (!down) return this.letGo();
      this.held = true;
      this.want(event.shiftKey ? "run" : "walk", side);
    } else if (down && KEYS[event.key]) {
      event.preventDefault();
      if (!event.repeat) this.want(KEYS[event.key]);
    }
  }

  letGo() {
    if (!this.held) return;
    this.held = false;
    this.want("stand");
  }

  // A finger on the left or right half walks there, near the rim runs; a stroke upwards jumps.
  touch(event) {
    this.finger = { x: event.clientX, y: event.clientY };
    this.canvas.setPointerCapture(event.pointerId);
    this.steer(event);
  }

  steer(event) {
    if (!this.finger) return;
    if (this.finger.y - event.clientY > 60) return this.want("jump");
    const box = this.canvas.getBoundingClientRect();
    const across = (2 * (event.clientX - box.left)) / box.width - 1;
    if (Math.abs(across) > 0.15) this.want(Math.abs(across) > 0.75 ? "run" : "walk", Math.sign(across));
  }

  release() {
    this.finger = undefined;
    this.want("stand");
  }

  async askForTilt(on) {
    const ask = DeviceOrientationEvent.requestPermission;
    if (ask && (await ask.call(DeviceOrientationEvent)) !== "granted") return;
    on(window, "deviceorientation", (event) => {
      const { gamma } = event;
      if (gamma === null) return; // a machine that has no such sensor says so once
      if (Math.abs(gamma) > TILT) this.want(Math.abs(gamma) > 2.2 * TILT ? "run" : "walk", Math.sign(gamma));
      else if (this.tilted) this.want("stand");
      this.tilted = Math.abs(gamma) > TILT;
    });
    this.querySelector("[data-tilt]").setAttribute("aria-pressed", "true");
  }

  mark(action) {
    for (const button of this.querySelectorAll("[data-action]")) {
      button.setAttribute("aria-pressed", String(button.dataset.action === action));
    }
  }

  word(name) {
    return this.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  }

  say(words) {
    this.status.textContent = words;
    this.status.hidden = !words;
  }

  // Faces go at once when somebody withdrew; a run that was full may still be kept.
  over(why) {
    if (this.isOver) return;
    this.isOver = why !== "full";
    if (why === "full") return this.say(this.word("full"));
    this.kit.images.clear();
    this.frames.clear();
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.querySelector("[data-controls]").hidden = true;
    this.say(this.word(why) || this.word("no_player"));
  }
}

customElements.define("play-stage", PlayStage);
