// Asks the server what would happen to the words while they are typed: verdict, unknown words, cost. Keeps the
// form as a draft, says the words fuller on demand (and takes that back), and offers only what the chosen
// engine can do. The form inside works without it. "unchecked" is shown as such and never as allowed.
import { showCost } from "../cost.js";
import { send } from "../http.js";

const PAUSE_MS = 450;
const KEEP_MS = 1500;
const KEPT = ["prompt", "seconds", "aspect", "engine", "seed", "takes", "remix", "product", "way"];
const TONES = { allow: "ok", review: "warn", refuse: "danger", unchecked: "info" };

class PromptCheck extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.stop = new AbortController();
    const options = { signal: this.stop.signal };
    this.can = JSON.parse(this.querySelector("#abilities")?.textContent || "{}");
    this.form.addEventListener("input", (event) => this.changed(event), options);
    this.form.addEventListener("submit", () => clearTimeout(this.keeper), options);
    this.addEventListener("click", (event) => this.take(event), options);
    this.offer();
    this.later(0);
  }

  changed(event) {
    if (event.target.name === "engine") this.offer();
    if (event.target.name === "seconds") this.press();
    // Typed over by hand: what the helper changed is not what stands there any more.
    if (event.target.name === "prompt" && event.isTrusted) this.part("helped").hidden = true;
    this.later();
    clearTimeout(this.keeper);
    this.keeper = setTimeout(() => this.keep(), KEEP_MS);
  }

  // Only the lengths, shapes and people that the chosen engine can do.
  offer() {
    const can = this.can[this.form.elements.engine?.value];
    if (!can) return;
    const seconds = this.form.elements.seconds;
    [seconds.min, seconds.max] = [Math.min(...can.seconds), Math.max(...can.seconds)];
    seconds.readOnly = !can.any_length;
    if (!can.any_length && !can.seconds.includes(Number(seconds.value))) seconds.value = can.seconds[0];
    this.part("lengths").replaceChildren(
      ...can.seconds.map((length) => {
        const item = document.createElement("li");
        const chip = document.createElement("button");
        [chip.type, chip.className, chip.textContent, chip.dataset.length] = ["button", "chip", length, length];
        item.append(chip);
        return item;
      }),
    );
    const shapes = this.form.elements.aspect;
    for (const option of shapes.options) option.hidden = option.disabled = !can.shapes.includes(option.value);
    if (shapes.selectedOptions[0]?.disabled) shapes.value = can.shapes[0];
    for (const box of this.form.querySelectorAll('[name="cast"]')) {
      if (!can.cast) box.checked = false;
      box.closest("label").hidden = !can.cast;
    }
    this.press();
  }

  press() {
    const now = this.form.elements.seconds.value;
    for (const chip of this.querySelectorAll("[data-length]")) chip.setAttribute("aria-pressed", chip.dataset.length === now);
  }

  disconnectedCallback() {
    this.stop.abort();
    clearTimeout(this.timer);
    clearTimeout(this.keeper);
  }

  take(event) {
    const length = event.target.closest("[data-length]");
    if (length) {
      this.form.elements.seconds.value = length.dataset.length;
      this.press();
      return this.later(0);
    }
    if (event.target.closest("[data-help]")) return this.help(event);
    if (event.target.closest("[data-undo]")) return this.undo(event);
    const idea = event.target.closest("[data-idea]");
    if (!idea) return;
    this.form.elements.prompt.value = idea.textContent.trim();
    this.form.elements.prompt.focus();
    this.later(0);
  }

  cast() {
    return [...this.form.querySelectorAll('[name="cast"]:checked')].map((box) => box.value);
  }

  async help(event) {
    event.preventDefault();
    const words = this.form.elements.prompt;
    const engine = this.form.elements.engine?.value || "native";
    let made;
    try {
      made = await send("POST", this.getAttribute("rewrite"), { prompt: words.value, cast: this.cast(), engine });
    } catch {
      return;
    }
    const some = made.changes.length > 0;
    this.part("before").value = words.value;
    words.value = made.text;
    const title = this.part("helped-title");
    title.textContent = some ? title.dataset.some : title.dataset.none;
    this.part("changes").replaceChildren(...made.changes.map(changeLine));
    this.part("undo").hidden = !some;
    this.part("helped").hidden = false;
    if (some) this.part("undo").focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  }

  undo(event) {
    event.preventDefault();
    const words = this.form.elements.prompt;
    words.value = this.part("before").value;
    this.part("helped").hidden = true;
    words.focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async keep() {
    const fields = this.form.elements;
    const wishes = Object.fromEntries(KEPT.map((name) => [name, fields[name]?.value || ""]));
    if (!wishes.prompt.trim()) return;
    wishes.hide_prompt = Boolean(fields.hide_prompt?.checked);
    wishes.cast = this.cast();
    const [url, id] = [this.getAttribute("drafts"), fields.draft.value];
    try {
      const kept = id ? await send("PUT", `${url}/${id}`, wishes) : await send("POST", url, wishes);
      fields.draft.value = kept.id;
      this.part("kept").textContent = this.part("kept").dataset.words;
    } catch {
      // offline for a moment, or thrown away elsewhere: the next stroke tries again
    }
  }

  later(pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async ask() {
    const prompt = this.form.elements.prompt.value;
    this.part("ideas").hidden = prompt.trim() !== "";
    const turn = (this.turn = (this.turn || 0) + 1);
    const cast = this.cast();
    const seconds = Number(this.form.elements.seconds.value) || 5;
    const takes = Number(this.form.elements.takes?.value) || 1;
    const engine = this.form.elements.engine?.value || "native";
    const verb = this.form.elements.remix?.value ? "remix" : "text";
    let found;
    try {
      found = await send("POST", this.getAttribute("url"), { prompt, cast, seconds, engine, takes, verb });
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
    showCost(this, found);
  }

  part(name) {
    return this.querySelector(`[data-${name}]`);
  }
}

function changeLine({ before, after, why }) {
  const line = document.createElement("li");
  const piece = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  if (before) line.append(piece("del", before), " → ");
  const reason = piece("span", why);
  reason.className = "quiet";
  line.append(piece("ins", after), " ", reason);
  return line;
}

customElements.define("prompt-check", PromptCheck);
