// <clip-choices>: a playable clip's question. At its moment the clip waits, and a tap leads to the clip that goes on.
// Without a script the link inside leads to the same choice as a page; a way that is gone is not among those asked for.
import { send } from "../http.js";

const APART_MS = 700; // how far apart moments of a clip are told, on a busy machine

class ClipChoices extends HTMLElement {
  connectedCallback() {
    this.clip = this.closest(".clip");
    this.onTime = (event) => this.look(event.detail.ms);
    this.onEnter = () => this.load();
    this.clip.addEventListener("clip-time", this.onTime);
    this.clip.addEventListener("clip-enter", this.onEnter);
    if (this.clip.classList.contains("is-here")) this.load();
  }

  disconnectedCallback() {
    this.clip?.removeEventListener("clip-time", this.onTime);
    this.clip?.removeEventListener("clip-enter", this.onEnter);
  }

  async load() {
    if (this.asked) return;
    this.asked = true;
    try {
      this.choice = await send("GET", `/api/v1/posts/${this.getAttribute("post")}/ways`);
    } catch (refused) {
      this.hidden = refused.status === 404; // no way is left: the clip plays on as any other
      this.asked = this.hidden;
    }
  }

  look(ms) {
    const before = this.last ?? 0;
    this.last = ms;
    const began = ms < before;
    // A question for the very end is asked as the clip begins anew: its last moment is seldom told.
    const missed = began && !this.answered && before < this.choice?.at_ms && this.choice?.at_ms - before < APART_MS;
    if (began) this.answered = false;
    if (!this.choice || this.answered || this.querySelector(".choices-here")) return;
    if (missed || ms >= this.choice.at_ms) this.ask();
  }

  ask() {
    document.dispatchEvent(new CustomEvent("clip-hold"));
    const group = document.createElement("div");
    group.className = "choices-here";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", this.choice.question);
    const question = document.createElement("p");
    question.className = "choices-here__question";
    question.textContent = this.choice.question;
    question.setAttribute("role", "status");
    group.append(question, ...this.choice.ways.map((way) => this.way(way)), this.on());
    this.append(group);
    const free = document.activeElement === document.body || this.clip.contains(document.activeElement);
    const feed = document.activeElement === this.closest("clip-feed");
    if (free || feed) group.querySelector("a").focus({ preventScroll: true });
  }

  way({ label, url, is_paid: isPaid }) {
    const link = document.createElement("a");
    link.className = "button button--primary choices-here__way";
    link.href = url;
    link.textContent = isPaid ? `${label} · ${this.dataset.paid}` : label;
    link.dir = "auto";
    return link;
  }

  // Whoever would rather see the rest of it.
  on() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button choices-here__on";
    button.textContent = this.dataset.on;
    button.addEventListener("click", () => {
      this.answered = true;
      this.querySelector(".choices-here").remove();
      document.dispatchEvent(new CustomEvent("clip-go"));
    });
    return button;
  }
}

customElements.define("clip-choices", ClipChoices);
