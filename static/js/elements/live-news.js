// <live-news>: the page's one socket. Tells counts of the clip on screen, and that a message came. Away, it comes
// back more and more slowly; a hidden page listens to nothing.
const SLOWEST_MS = 60000;

class LiveNews extends HTMLElement {
  connectedCallback() {
    this.pause = 1000;
    this.stopped = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stopped.signal });
    on(document, "clip-enter", (event) => this.watch(event.detail.id));
    on(document, "visibilitychange", () => (document.hidden ? this.close() : this.open()));
    on(window, "pagehide", () => this.close());
    on(window, "pageshow", () => this.open());
    this.open();
  }

  disconnectedCallback() {
    this.stopped.abort();
    this.close();
  }

  open() {
    clearTimeout(this.timer);
    if (this.socket || document.hidden) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/live/`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.pause = 1000;
      if (this.clip) this.watch(this.clip);
    });
    socket.addEventListener("message", (event) => this.show(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (document.hidden || !this.isConnected) return;
      this.timer = setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 2, SLOWEST_MS);
    });
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  watch(id) {
    this.clip = id;
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ watch: id }));
  }

  show(news) {
    if (news.kind === "counts") {
      const card = document.querySelector(`.clip[data-id="${CSS.escape(news.post)}"]`);
      for (const name of ["likes", "comments"]) {
        const shown = card?.querySelector(`[data-count="${name}"]`);
        if (shown) shown.textContent = news[name];
      }
    } else if (news.kind === "message") {
      document.dispatchEvent(new CustomEvent("message-news", { detail: news }));
    }
  }
}
customElements.define("live-news", LiveNews);
