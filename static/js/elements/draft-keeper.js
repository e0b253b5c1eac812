// Keeps what is typed into the form around it as a draft, a moment after the last stroke, through the same door
// as its button. Files are never sent: what was brought is kept where it was brought.
const PAUSE_MS = 1500;

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form) return;
    this.stop = new AbortController();
    const options = { signal: this.stop.signal };
    for (const name of ["input", "change"]) this.form.addEventListener(name, (event) => event.isTrusted && this.later(), options);
    this.form.addEventListener("submit", () => clearTimeout(this.timer), options);
  }

  disconnectedCallback() {
    this.stop?.abort();
    clearTimeout(this.timer);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  async keep() {
    const body = new URLSearchParams({ keep: "1" });
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string" && name !== "keep") body.append(name, value);
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      this.form.elements.draft.value = (await answer.json()).id;
      const said = this.querySelector("[data-kept]");
      said.textContent = said.dataset.words;
    } catch {
      // offline for a moment: the next stroke tries again
    }
  }
}

customElements.define("draft-keeper", DraftKeeper);
