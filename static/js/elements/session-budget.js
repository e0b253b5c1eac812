// <session-budget>: a curtain after the minutes of the day that a person set, and a stop after so many clips. What
// was watched before comes from the server; it never pauses by itself more than it was asked to.
class SessionBudget extends HTMLElement {
  connectedCallback() {
    this.clips = 0;
    this.more = 0;
    this.start = Number(this.getAttribute("used"));
    this.seen = performance.now();
    this.minutes = Number(this.getAttribute("minutes"));
    this.every = Number(this.getAttribute("stop-every"));
    this.dialog = this.querySelector("dialog");
    this.stopped = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopped.signal });
    on(document, "clip-enter", () => this.enter());
    on(this.querySelector("[data-on]"), "click", () => this.goOn());
  }

  disconnectedCallback() {
    this.stopped.abort();
  }

  enter() {
    this.clips += 1;
    const spent = (this.start + performance.now() - this.seen) / 60000;
    if (this.minutes && spent >= this.minutes + this.more) this.show("budget");
    else if (this.every && this.clips > this.every) this.show("stop");
  }

  show(why) {
    for (const part of this.querySelectorAll("[data-why-now]")) part.hidden = part.dataset.whyNow !== why;
    this.why = why;
    const onward = this.querySelector("[data-on]"); // a guardian's minutes are not for the teen to stretch
    onward.hidden = why === "budget" && "strict" in onward.dataset;
    document.dispatchEvent(new CustomEvent("clip-hold"));
    if (!this.dialog.open) this.dialog.showModal();
  }

  goOn() {
    if (this.why === "budget") this.more = (this.start + performance.now() - this.seen) / 60000 - this.minutes + 10;
    this.clips = 0;
    this.dialog.close();
    document.dispatchEvent(new CustomEvent("clip-go"));
  }
}
customElements.define("session-budget", SessionBudget);
