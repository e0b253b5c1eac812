// <comment-sheet>: the comments page of a clip, inside a sheet over it. The server draws it; forms are sent from here.
import { csrf } from "../http.js";
import { toast } from "../toast.js";

class CommentSheet extends HTMLElement {
  connectedCallback() {
    this.sent = (event) => event.target.matches("[data-send]") && this.post(event);
    this.followed = (event) => {
      const link = event.target.closest('a[href*="/comments?cursor="]');
      if (link) {
        event.preventDefault();
        this.load(link.getAttribute("href"));
      }
    };
    this.outside = (event) => event.target === this.closest("dialog") && this.closest("dialog").close();
    this.addEventListener("submit", this.sent);
    this.addEventListener("click", this.followed);
    this.closest("dialog")?.addEventListener("click", this.outside);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this.sent);
    this.removeEventListener("click", this.followed);
    this.closest("dialog")?.removeEventListener("click", this.outside);
  }

  show(card) {
    this.card = card;
    this.load(`/p/${card.dataset.id}/comments`);
  }

  async load(url, options = {}) {
    const headers = { "X-Fragment": "1", Accept: "text/html" };
    const answer = await fetch(url, { ...options, headers: { ...headers, ...options.headers } }).catch(() => null);
    if (!answer?.ok) {
      const why = answer ? await answer.json().catch(() => null) : null;
      toast(why?.message);
      return;
    }
    this.innerHTML = await answer.text();
    if (options.method === "POST") this.querySelector("[data-comments]")?.focus(); // what was pressed is gone
    const count = this.querySelector("[data-count]")?.dataset.count;
    const shown = this.card?.querySelector('[data-count="comments"]');
    if (shown && count !== undefined) shown.textContent = count;
  }

  post(event) {
    event.preventDefault();
    const form = event.target;
    this.load(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-CSRFToken": csrf(), Accept: "application/json, text/html" },
    });
  }
}
customElements.define("comment-sheet", CommentSheet);
