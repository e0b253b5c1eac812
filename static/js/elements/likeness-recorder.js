// Guides a person through the verification recording: framing, challenge, recording, upload, verdict.
// Words and stages stand in the page; this file only moves between them. The server decides everything.
import * as camera from "../camera.js";
import * as face from "../face.js";
import { Refused, send } from "../http.js";
import { forget, keep, kept } from "../kept.js";
import { announce, sendAll } from "../tus.js";

const COUNT_DOWN_S = 3;
const WAY = { framing: 0, kept: 0, challenge: 1, recording: 2, sending: 3, verdict: 3 };
const MOVEMENTS = ["left", "right", "up", "down"];
const HEARD_MS = 250; // of sound over the quiet of the room, for a number to count as heard
const CAMERA_ERRORS = { NotAllowedError: "denied", NotFoundError: "missing", OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy" };

class LikenessRecorder extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.addEventListener("click", (event) => this.pressed(event), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.outOfSight(), { signal });
    this.begin();
  }

  disconnectedCallback() {
    this.leaving.abort();
    this.release();
    speechSynthesis?.cancel();
  }

  async begin() {
    if (this.dataset.checking) return this.arrived(this.dataset.checking).catch((error) => this.refused(error));
    if (!camera.isSecure()) return this.fail("insecure");
    if (!camera.isAble()) return this.fail("unable");
    this.unsent = await kept();
    const fresh = this.unsent && this.unsent.flow === this.dataset.captures && Date.now() - this.unsent.at < 24 * 3600 * 1000;
    this.show(fresh ? "kept" : "framing");
  }

  pressed(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const steps = {
      look: () => this.frame(), challenge: () => this.challenge(), again: () => this.challenge(), aloud: () => this.readAloud(),
      record: () => this.record(), stop: () => this.startOver(), restart: () => this.startOver(),
      resume: () => this.deliver(this.unsent), forget: () => forget().then(() => this.show("framing")),
    };
    this.quiet();
    steps[button.dataset.do]().catch((error) => this.refused(error));
  }

  // --- framing: the camera is on, nothing is kept
  async frame() {
    const video = this.part("preview");
    this.stream = await this.opened(video);
    this.loudness = camera.listen(this.stream);
    this.part("meters").hidden = false;
    this.action("look").hidden = true;
    this.action("challenge").hidden = false;
    const canvas = document.createElement("canvas");
    this.watching = setInterval(() => this.measure(video, canvas), 250);
    this.follow(video, (faces) => this.framed(faces));
    this.action("challenge").focus();
  }

  measure(video, canvas) {
    const { light, sharp } = camera.look(video, canvas);
    const sound = this.loudness();
    this.meter("light", light, light < 60 ? "light-low" : light > 215 ? "light-high" : "good");
    this.meter("sharp", sharp, sharp < 20 ? "sharp-low" : "good");
    this.meter("sound", sound, sound > 92 ? "sound-high" : sound < 8 ? "sound-low" : "good");
  }

  // Where the face is: a box on the picture, and a sentence beside it.
  framed(faces) {
    this.box("preview", faces[0]);
    const word = face.framing(faces);
    this.say("distance", this.word(word === "good" ? "framed" : word));
    this.querySelector("[data-framed]").dataset.framed = word;
    this.meter("size", faces[0] ? faces[0].height * 100 : 0, "");
    this.allow(word !== "nobody");
  }

  // Who is not found may go on, for the finder errs too; but the button does not say that it looks good.
  allow(seen) {
    const button = this.action("challenge");
    const words = this.word(seen ? "go-on" : "go-on-unseen");
    if (button.textContent !== words) button.textContent = words;
    button.classList.toggle("button--primary", seen);
  }

  // Asks the worker for faces until the camera is closed.
  follow(video, seen) {
    this.unfollow?.();
    this.unfollow = face.watch(video, { worker: this.dataset.worker, weights: this.dataset.weights, seen });
  }

  box(name, found) {
    const box = this.querySelector(`[data-box="${name}"]`);
    box.hidden = !found;
    if (!found) return;
    const video = this.part(name);
    const [shown, real] = [video.clientWidth / video.clientHeight, video.videoWidth / video.videoHeight];
    // The picture covers its place: what stands out at two sides is cut off, and all of it is mirrored.
    const [across, down] = shown < real ? [real / shown, 1] : [1, shown / real];
    const [x, y] = [0.5 + (0.5 - found.x - found.width) * across, 0.5 + (found.y - 0.5) * down];
    Object.assign(box.style, { left: `${x * 100}%`, top: `${y * 100}%`, width: `${found.width * across * 100}%`, height: `${found.height * down * 100}%` });
  }

  // --- challenge: the camera is off, the person reads
  async challenge() {
    this.release();
    this.asked = await send("POST", this.dataset.challenges);
    this.part("asked").replaceChildren(...this.asked.steps.map((step) => this.item(step.sentence, step)));
    this.endsAt = performance.now() + this.asked.start_within_s * 1000;
    this.countDown();
    this.show("challenge");
  }

  item(text, step) {
    const line = document.createElement("li");
    line.textContent = text;
    if (step) line.dataset.kind = step.kind;
    if (step?.number !== null && step?.number !== undefined) line.dataset.number = step.number;
    return line;
  }

  countDown() {
    clearInterval(this.counting);
    const tick = () => {
      const left = Math.max(0, Math.ceil((this.endsAt - performance.now()) / 1000));
      this.part("left").textContent = left;
      this.action("record").disabled = left === 0;
      if (left === 0) { clearInterval(this.counting); this.fail("late"); }
    };
    this.counting = setInterval(tick, 500);
    tick();
  }

  async readAloud() {
    speechSynthesis.cancel();
    for (const step of this.asked.steps) this.speak(step.sentence);
  }

  // --- recording: the camera is opened afresh
  async record() {
    clearInterval(this.counting);
    speechSynthesis?.cancel();
    const asked = this.asked;
    const video = this.part("live");
    this.stream = await this.opened(video);
    await send("POST", `${this.dataset.challenges}/${encodeURIComponent(asked.nonce)}/start`);
    this.show("recording");
    this.running = new AbortController();
    for (let left = COUNT_DOWN_S; left > 0; left -= 1) {
      this.part("line").textContent = `${this.word("ready")} … ${left}`;
      await this.wait(1);
    }
    this.recording = camera.record(this.stream);
    this.loudness = camera.listen(this.stream);
    this.movement = new face.Movement();
    this.follow(video, (faces) => this.moves(faces));
    this.hearing = setInterval(() => this.hears(), 50);
    await this.play(asked);
    const blob = await this.recording.stop();
    this.recording = null;
    this.release();
    await this.deliver({ blob, nonce: asked.nonce, note: this.part("note").value.trim(), at: Date.now(), flow: this.dataset.captures });
  }

  async play(asked) {
    const pace = this.part("slow").checked ? 2 : 1;
    let passed = 0;
    for (const step of asked.steps) {
      this.begins(step);
      if (this.part("spoken").checked) this.speak(step.sentence);
      await this.wait(step.seconds * pace);
      passed += step.seconds;
      this.part("passed").value = passed / asked.seconds;
    }
    this.step = null;
  }

  // One step: its sentence, its sign, and how far it has come, in words as well.
  begins(step) {
    this.step = step;
    this.movement.begin();
    [this.heardMs, this.isHeard] = [0, false];
    this.part("line").textContent = step.sentence;
    const guide = this.part("guide");
    guide.dataset.kind = step.kind;
    guide.querySelectorAll("[data-sign]").forEach((sign) => { sign.toggleAttribute("hidden", sign.dataset.sign !== step.kind); });
    const isMeasured = step.kind === "say" || MOVEMENTS.includes(step.kind);
    this.part("step").hidden = !isMeasured;
    this.progress(0, isMeasured ? (step.kind === "say" ? "say-it" : "further") : "");
  }

  progress(share, word) {
    this.part("step").value = share;
    this.part("guide").dataset.done = word === "done" || word === "heard";
    this.say("step", word ? this.word(word) : "");
  }

  moves(faces) {
    this.box("live", faces[0]);
    if (!this.step || !faces.length) return;
    if (["rest", "blink"].includes(this.step.kind)) this.movement.rest(faces[0]);
    if (!MOVEMENTS.includes(this.step.kind) || this.movement.done) return;
    const { share, reached, done } = this.movement.moved(this.step.kind, faces[0]);
    this.progress(reached ? 1 : share, done ? "done" : reached ? "back" : "further");
  }

  hears() {
    const loud = this.loudness?.() ?? 0;
    if (!this.step) return;
    if (this.step.kind !== "say") { this.quietest = Math.min(this.quietest ?? 100, Math.max(loud, 1)); return; }
    if (loud > (this.quietest ?? 10) + 8) this.heardMs += 50;
    if (this.heardMs >= HEARD_MS) this.isHeard = true;
    this.progress(Math.min(1, this.heardMs / HEARD_MS), this.isHeard ? "heard" : "say-it");
  }

  speak(sentence) {
    const said = new SpeechSynthesisUtterance(sentence);
    said.lang = document.documentElement.lang;
    speechSynthesis.speak(said);
  }

  wait(seconds) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.running.signal.addEventListener("abort", () => { clearTimeout(timer); reject(new DOMException("", "AbortError")); }, { once: true });
    });
  }

  outOfSight() {
    if (!this.recording && !this.stream) return;
    const wasRecording = Boolean(this.recording);
    this.release();
    this.show("framing");
    if (wasRecording) this.fail("hidden");
  }

  // --- upload and verdict
  async deliver(recording) {
    this.show("sending");
    await keep(recording);
    recording.url ??= await announce(this.dataset.uploads, recording.blob, "capture");
    await keep(recording);
    await sendAll(recording.url, recording.blob, { signal: this.leaving.signal, tell: (share, offline) => this.sent(share, offline) });
    const upload = recording.url.replace(/\/$/, "").split("/").pop();
    const capture = await send("POST", this.dataset.captures, { nonce: recording.nonce, upload, human_note: recording.note });
    await forget();
    await this.arrived(`${this.dataset.captures}/${capture.id}`);
  }

  // All of it is there, just now or before this page was opened: what is left is to hear the verdict.
  async arrived(url) {
    this.show("sending");
    this.part("sent").value = 100;
    this.part("sending").textContent = this.word("checking");
    await this.verdict(url);
  }

  sent(share, offline) {
    this.part("sent").value = share * 100;
    this.part("sending").textContent = offline ? this.word("offline") : `${this.word("sending")}: ${Math.round(share * 100)} %`;
  }

  async verdict(url) {
    for (;;) {
      const capture = await send("GET", url).catch((error) => { if (error.status) throw error; return { state: "checking" }; });
      if (capture.state !== "checking") return this.announceVerdict(capture);
      await new Promise((resolve) => { this.polling = setTimeout(resolve, 1000); });
      if (this.leaving.signal.aborted) return undefined;
    }
  }

  announceVerdict(capture) {
    const state = ["verified", "review"].includes(capture.state) ? capture.state : "retry";
    this.part("verdict").textContent = this.word(state);
    const lines = capture.reasons.map((reason) => this.item(`${reason.message} ${reason.hint}`));
    if (state === "verified") lines.push(this.item(this.word("verified-more")));
    this.part("reasons").replaceChildren(...lines);
    for (const control of this.querySelectorAll("[data-for]")) control.hidden = control.dataset.for !== state;
    this.dataset.state = state;
    document.querySelector("[data-last]")?.remove(); // it spoke of the recording before
    this.show("verdict");
  }

  async startOver() {
    this.release();
    this.show("framing");
  }

  // --- what all stages use
  async opened(video) {
    this.release();
    try {
      return await camera.open(video);
    } catch (error) {
      throw Object.assign(new Error(error.name), { word: CAMERA_ERRORS[error.name] || "busy" });
    }
  }

  release() {
    for (const timer of [this.watching, this.counting, this.hearing]) clearInterval(timer);
    this.unfollow?.();
    [this.unfollow, this.step, this.quietest] = [null, null, null];
    this.running?.abort();
    this.recording?.stop();
    this.recording = null;
    this.loudness?.close();
    this.loudness = null;
    for (const name of ["preview", "live"]) camera.close(this.stream, this.part(name));
    this.stream = null;
    const look = this.action("look");
    if (look) { look.hidden = false; this.action("challenge").hidden = true; this.part("meters").hidden = true; }
  }

  show(stage) {
    for (const section of this.querySelectorAll("[data-stage]")) section.hidden = section.dataset.stage !== stage;
    this.querySelectorAll("[data-way]").forEach((line, at) => {
      line.classList.toggle("is-done", at < WAY[stage]);
      if (at === WAY[stage]) line.setAttribute("aria-current", "step");
      else line.removeAttribute("aria-current");
    });
    this.querySelector(`[data-stage="${stage}"] h2[tabindex]`)?.focus();
    if (stage === "recording") this.scrollIntoView({ block: "start" });
  }

  refused(error) {
    if (error.name === "AbortError") return;
    this.release();
    if (error.word) { this.fail(error.word); return; }
    if (error.code === "upload_gone" || error.code === "challenge_used" || error.code === "challenge_over") forget();
    const known = error instanceof Refused && error.status;
    this.tell(known ? error.message : this.word("offline"), known ? error.hint : "");
    if (!this.querySelector('[data-stage="challenge"]:not([hidden])')) this.show("framing");
  }

  fail(word) {
    this.tell(this.word(word), this.word(`${word}-hint`));
  }

  tell(title, hint) {
    this.part("error-title").textContent = title;
    this.part("error-hint").textContent = hint;
    this.part("error").hidden = false;
    // Whoever reads the instructions on a phone has the notice above the screen.
    this.part("error").scrollIntoView({ block: "nearest" });
  }

  quiet() {
    this.part("error").hidden = true;
  }

  part(name) { return this.querySelector(`[data-${name}]`); }
  action(name) { return this.querySelector(`[data-do="${name}"]`); }
  word(name) { return this.querySelector(`[data-word="${name}"]`)?.textContent || ""; }
  say(name, text) { const place = this.querySelector(`[data-say="${name}"]`); if (place.textContent !== text) place.textContent = text; }
  meter(name, value, word) { this.querySelector(`[data-meter="${name}"]`).value = value; if (word) this.say(name, this.word(word)); }
}
customElements.define("likeness-recorder", LikenessRecorder);
