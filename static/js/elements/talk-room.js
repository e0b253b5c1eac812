// <talk-room>: a conversation that stays up to date. The server draws it; forms are sent from here.
import { csrf } from "../http.js";
import { toast } from "../toast.js";

class TalkRoom extends HTMLElement {
  connectedCallback() {
    this.stopped = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopped.signal });
    on(this, "submit", (event) => event.target.matches("[data-say]") && this.say(event));
    on(document, "message-news", (event) => event.detail.conversation === this.getAttribute("talk") && this.load());
    this.toEnd();
  }

  disconnectedCallback() {
    this.stopped.abort();
  }

  toEnd() {
    const lines = this.querySelector("[data-lines]");
    if (lines) lines.scrollTop = lines.scrollHeight;
  }

  async load(options = {}) {
    const headers = { "X-Fragment": "1", Accept: "application/json, text/html", ...options.headers };
    const answer = await fetch(location.pathname, { ...options, headers }).catch(() => null);
    if (!answer?.ok) {
      const why = answer ? await answer.json().catch(() => null) : null;
      toast(why?.message);
      return false;
    }
    const draft = this.querySelector("textarea")?.value || "";
    const place = this.contains(document.activeElement) && document.activeElement.matches("textarea");
    this.innerHTML = await answer.text();
    const field = this.querySelector("textarea");
    if (field && options.method !== "POST") field.value = draft;
    if (place) field?.focus();
    this.toEnd();
    return true;
  }

  say(event) {
    event.preventDefault();
    this.load({ method: "POST", body: new FormData(event.target), headers: { "X-CSRFToken": csrf() } });
  }
}
customElements.define("talk-room", TalkRoom);
