// <look-picture url>: the character of the form around it, drawn anew while its looks change. Without this
// script it shows what was chosen when the page was made.
const PAUSE_MS = 400;

class LookPicture extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.stop = new AbortController();
    const on = (what, then) => this.form.addEventListener(what, then, { signal: this.stop.signal });
    on("change", (event) => event.target.name !== "name" && this.later());
    const picture = this.querySelector("img");
    picture.addEventListener("load", () => this.done(""), { signal: this.stop.signal });
    picture.addEventListener("error", () => this.done(this.told.dataset.failed), { signal: this.stop.signal });
    if (this.chosen() !== picture.src.split("?")[1]) this.ask(); // the browser kept what was chosen
  }

  disconnectedCallback() {
    this.stop.abort();
    clearTimeout(this.timer);
  }

  get told() {
    return this.querySelector("[role=status]");
  }

  chosen() {
    const said = [...new FormData(this.form)].filter(([name]) => name !== "name" && name !== "csrfmiddlewaretoken");
    return new URLSearchParams(said).toString();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  ask() {
    this.setAttribute("aria-busy", "true");
    this.querySelector("img").src = `${this.getAttribute("url")}?${this.chosen()}`;
  }

  done(said) {
    this.removeAttribute("aria-busy");
    this.told.textContent = said;
  }
}

customElements.define("look-picture", LookPicture);
