// <opening-films>: what was brought is opened in the background. While something waits, the page is asked again and
// what is ready takes its place, with what is chosen and typed left as it is. Without scripts: "Look again".
const FIRST_MS = 2000;
const SLOWEST_MS = 15000;

class OpeningFilms extends HTMLElement {
  connectedCallback() {
    this.pause = FIRST_MS;
    this.plan();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  get waiting() {
    return [...this.querySelectorAll("li")].filter((row) => row.querySelector("[role=status]"));
  }

  plan() {
    if (this.waiting.length) this.timer = setTimeout(() => this.look(), this.pause);
    else this.closest("form, main").querySelector("[data-look]")?.remove();
    this.pause = Math.min(this.pause * 1.5, SLOWEST_MS);
  }

  async look() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      // A page of another kind (too many at once, signed out meanwhile) says nothing about what waits here.
      if (answer.ok && !answer.redirected) this.take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // Away for a moment: asked again later.
    }
    if (this.isConnected) this.plan();
  }

  take(page) {
    if (!this.closest("form").querySelector("cost-told, .compose__side") && page.querySelector(".film [name=footage]")) {
      location.replace(location.href); // the first one is ready: the rest of the form comes with it
      return;
    }
    for (const row of this.waiting) {
      const now = page.querySelector(`li[data-film="${row.dataset.film}"]`);
      if (!now) row.remove();
      else if (!now.querySelector("[role=status]")) this.replace(row, document.adoptNode(now));
    }
  }

  // Who stands on its button still does.
  replace(row, ready) {
    const stands = row.contains(document.activeElement);
    row.replaceWith(ready);
    if (stands) ready.querySelector(".film__drop")?.focus();
  }
}
customElements.define("opening-films", OpeningFilms);
