// <case-keys>: moderators work by keyboard. In the list J and K move and Enter opens; in a case 1, 2, 3 … press the
// decision's button, N goes to the note, T to the templates, and ? shows this.
class CaseKeys extends HTMLElement {
  connectedCallback() {
    this.pressed = (event) => this.key(event);
    document.addEventListener("keydown", this.pressed);
    const choice = this.querySelector("[data-templates]");
    choice?.addEventListener("change", () => {
      const note = this.querySelector("textarea");
      const words = choice.selectedOptions[0]?.dataset.words;
      if (note && words) note.value = note.value ? `${note.value}\n${words}` : words;
    });
    this.querySelectorAll("[data-key]").forEach((button, at) => button.setAttribute("aria-keyshortcuts", String(at + 1)));
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.pressed);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const rows = [...this.querySelectorAll("a.row")];
    const at = rows.indexOf(document.activeElement);
    const acts = {
      j: () => rows[Math.min(at + 1, rows.length - 1)]?.focus(),
      k: () => rows[Math.max(at - 1, 0)]?.focus(),
      n: () => this.querySelector("textarea")?.focus(),
      t: () => this.querySelector("[data-templates]")?.focus(),
      "?": () => this.querySelector("details[data-help]")?.toggleAttribute("open"),
    };
    const act = acts[event.key] || (() => this.querySelectorAll("[data-key]")[Number(event.key) - 1]);
    if (!acts[event.key]) {
      const button = act();
      if (!button || !/^[1-9]$/.test(event.key)) return;
      event.preventDefault();
      button.focus(); // the second press of Enter decides: nobody hides a clip by brushing a key
      return;
    }
    event.preventDefault();
    act();
  }
}
customElements.define("case-keys", CaseKeys);
