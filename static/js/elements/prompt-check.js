// Asks the server what would happen to the words while they are typed: verdict, unknown words, cost.
// The form inside works without it. "unchecked" is shown as such and never as allowed.
import { send } from "../http.js";

const PAUSE_MS = 450;
const TONES = { allow: "ok", review: "warn", refuse: "danger", unchecked: "info" };

class PromptCheck extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.stop = new AbortController();
    const options = { signal: this.stop.signal };
    this.form.addEventListener("input", () => this.later(), options);
    this.addEventListener("click", (event) => this.take(event), options);
    this.later(0);
  }

  disconnectedCallback() {
    this.stop.abort();
    clearTimeout(this.timer);
  }

  take(event) {
    const idea = event.target.closest("[data-idea]");
    if (!idea) return;
    this.form.elements.prompt.value = idea.textContent.trim();
    this.form.elements.prompt.focus();
    this.later(0);
  }

  later(pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async ask() {
    const prompt = this.form.elements.prompt.value;
    this.part("ideas").hidden = prompt.trim() !== "";
    const turn = (this.turn = (this.turn || 0) + 1);
    const cast = [...this.form.querySelectorAll('[name="cast"]:checked')].map((box) => box.value);
    const seconds = Number(this.form.elements.seconds.value);
    const engine = this.form.elements.engine?.value || "native";
    let found;
    try {
      found = await send("POST", this.getAttribute("url"), { prompt, cast, seconds, engine });
    } catch {
      return;
    }
    if (turn === this.turn && this.isConnected) this.show(found, prompt.trim() !== "");
  }

  show(found, hasWords) {
    const verdict = this.part("verdict");
    verdict.hidden = !hasWords || !found.title;
    verdict.className = `notice compose__verdict notice--${TONES[found.verdict] || "info"}`;
    this.part("verdict-title").textContent = found.title;
    this.part("verdict-evidence").hidden = !found.evidence;
    this.part("evidence-words").textContent = found.evidence;
    this.part("verdict-suggestion").textContent = found.suggestion;
    this.part("unknown").hidden = found.unknown_words.length === 0;
    this.part("unknown-words").textContent = found.unknown_words.join(", ");
    const cost = found.estimate;
    const wait = this.part("wait");
    wait.textContent = wait.dataset.words.replace("LOW", cost.wait_s_low).replace("HIGH", cost.wait_s_high);
    this.part("credits").textContent = cost.credits;
    this.part("balance").textContent = found.balance;
    this.part("compute").textContent = Math.round(cost.compute_s);
    this.part("energy").textContent = cost.watt_hours;
  }

  part(name) {
    return this.querySelector(`[data-${name}]`);
  }
}

customElements.define("prompt-check", PromptCheck);
