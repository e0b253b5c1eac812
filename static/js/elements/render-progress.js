// Shows how far one generation is: by its socket, and by asking where sockets do not come through.
import { send } from "../http.js";

const POLL_MS = 2500;

class RenderProgress extends HTMLElement {
  connectedCallback() {
    this.over = false;
    this.glimpse({ state: this.getAttribute("state"), step: Number(this.getAttribute("step")) });
    // Whoever pressed a button here goes where it leads; the news that it brings must not reload this page first.
    this.addEventListener("submit", () => (this.over = true));
    this.listen();
  }

  disconnectedCallback() {
    this.over = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  listen() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.getAttribute("socket")}`);
    this.socket.addEventListener("message", (event) => this.show(JSON.parse(event.data)));
    this.socket.addEventListener("close", () => this.poll());
  }

  poll() {
    if (this.over) return;
    this.timer = setTimeout(async () => {
      try {
        const row = await send("GET", this.getAttribute("url"));
        this.show({ ...row, is_over: ["READY", "REFUSED", "FAILED", "CANCELLED", "QUARANTINED"].includes(row.state) });
      } catch {
        // offline for a moment: ask again
      }
      this.poll();
    }, POLL_MS);
  }

  show(news) {
    this.setAttribute("state", news.state); // what waits for a person has no share done
    const bar = this.querySelector("progress");
    if (bar) bar.value = news.percent;
    const percent = this.querySelector("[data-percent]");
    if (percent) percent.textContent = news.percent;
    const label = this.querySelector("[data-label]");
    // The socket speaks the worker's language; the page has the words of its reader.
    const word = label?.dataset[String(news.state).toLowerCase()] ?? news.label;
    if (label && word) label.textContent = word;
    this.glimpse(news);
    this.dispatchEvent(new CustomEvent("render-news", { bubbles: true, detail: news }));
    if (!news.is_over || this.over) return;
    this.over = true;
    this.socket?.close();
    if (this.getAttribute("then") === "reload") location.reload();
  }

  // The last step's small picture: asked for again only when the one before has come.
  glimpse(news) {
    const picture = this.querySelector("img[data-glimpse]");
    if (!picture || news.is_over || news.state !== "RENDERING" || !news.step || this.fetching) return;
    this.fetching = true;
    const next = new Image();
    next.onload = () => {
      picture.src = next.src;
      picture.hidden = false;
      this.fetching = false;
    };
    next.onerror = () => {
      this.fetching = false;
    };
    next.src = `${picture.dataset.glimpse}?step=${news.step}`;
  }
}

customElements.define("render-progress", RenderProgress);
