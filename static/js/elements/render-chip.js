// What renders meanwhile, on any page: asks once, and listens only while something is in work.
import { send } from "../http.js";

class RenderChip extends HTMLElement {
  async connectedCallback() {
    this.link = this.querySelector("a");
    let rows;
    try {
      rows = await send("GET", this.getAttribute("url"));
    } catch {
      return;
    }
    rows = rows.filter((row) => row.url !== location.pathname); // that page shows its own progress
    if (rows.length && this.isConnected) this.follow(rows.at(-1));
  }

  disconnectedCallback() {
    this.over = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  follow(row) {
    this.row = row;
    this.hidden = false;
    this.link.href = row.url;
    this.show(row);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/ws/generations/${row.id}/`);
    this.socket.addEventListener("message", (event) => this.show(JSON.parse(event.data)));
    this.socket.addEventListener("close", () => this.later());
  }

  later() {
    if (this.over) return;
    this.timer = setTimeout(async () => {
      try {
        const row = await send("GET", `/api/v1/generations/${this.row.id}`);
        const ends = ["READY", "REFUSED", "FAILED", "CANCELLED", "QUARANTINED"];
        this.show({ ...row, is_over: ends.includes(row.state) });
      } catch {
        // offline for a moment: ask again
      }
      this.later();
    }, 3000);
  }

  show(news) {
    this.querySelector("progress").value = news.percent;
    const label = this.querySelector("[data-label]");
    if (news.label) label.textContent = news.label;
    if (!news.is_over) return;
    this.over = true;
    this.socket?.close();
    label.textContent = news.state === "READY" ? this.dataset.ready : this.dataset.over;
    this.classList.add("is-over");
  }
}

customElements.define("render-chip", RenderChip);
