// Keeps what a way of making costs true while its form is filled in. Without it the numbers are those of the
// form as it came, and the server says no to what cannot be paid.
import { showCost } from "../cost.js";
import { send } from "../http.js";

const PAUSE_MS = 300;

class CostTold extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form) return;
    this.stop = new AbortController();
    const options = { signal: this.stop.signal };
    for (const name of ["input", "change"]) this.form.addEventListener(name, () => this.later(), options);
    this.form.addEventListener("click", (event) => event.target.closest("button[type=button], [data-remove]") && this.later(), options);
    this.later(0); // a page that was gone back to keeps what was filled in
  }

  disconnectedCallback() {
    this.stop?.abort();
    clearTimeout(this.timer);
  }

  later(pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  asked() {
    const fields = this.form.elements;
    const verb = fields.verb?.value || this.getAttribute("verb");
    const clips = [this.getAttribute("clip"), fields.own?.value].filter(Boolean);
    const how = fields.more_s ? { more_s: Number(fields.more_s.value) || 1 } : {};
    const takes = Number(fields.takes?.value) || 1;
    const engine = fields.engine?.value || this.getAttribute("engine");
    return { prompt: "", verb, clips, how, takes, engine, seconds: this.seconds(verb) };
  }

  // Of a storyboard the sum of its shots (blank ones are left out, unless all are), of one film its own length,
  // else what is asked for.
  seconds(verb) {
    const every = [...this.form.querySelectorAll('[name^="shot-"][name$="-seconds"]')];
    const told = every.filter((shot) => this.form.elements[shot.name.replace("-seconds", "-prompt")]?.value.trim());
    const shots = told.length ? told : every;
    const film = verb === "film" && this.form.querySelector('[name="footage"]:checked');
    const given = film ? film.dataset.seconds : this.form.elements.seconds?.value;
    const sum = shots.length ? shots.reduce((all, shot) => all + Number(shot.value), 0) : Number(given);
    return Math.max(1, Math.round(sum) || 5);
  }

  async ask() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const no = this.querySelector("[data-no]");
    try {
      const found = await send("POST", this.getAttribute("url"), this.asked());
      if (turn !== this.turn || !this.isConnected) return;
      showCost(this, found);
      no.hidden = true;
    } catch (refused) {
      if (turn !== this.turn || !refused.code) return; // offline for a moment: the next change asks again
      no.textContent = refused.message;
      no.hidden = false;
    }
  }
}

customElements.define("cost-told", CostTold);
