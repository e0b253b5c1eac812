// <grant-preview url>: what the answers of the form around it would mean, told by the server while they change.
// Without this script it shows what counted when the page was made.
import { csrf } from "../http.js";

const PAUSE_MS = 350;

class GrantPreview extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.stop = new AbortController();
    this.form.addEventListener("input", () => this.later(), { signal: this.stop.signal });
  }

  disconnectedCallback() {
    this.stop.abort();
    clearTimeout(this.timer);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const turn = (this.turn = (this.turn || 0) + 1);
    this.setAttribute("aria-busy", "true");
    let answer;
    try {
      const body = new URLSearchParams(new FormData(this.form));
      answer = await fetch(this.getAttribute("url"), { method: "POST", headers: { "X-CSRFToken": csrf() }, body });
    } catch {
      return;
    } finally {
      this.removeAttribute("aria-busy");
    }
    const told = answer.ok ? await answer.text() : "";
    if (turn === this.turn && this.isConnected && told) this.innerHTML = told;
  }
}

customElements.define("grant-preview", GrantPreview);
