// <push-offer>: shown while a job of one's own runs, and only where the browser was never asked: the one place where
// this product asks for leave to tell news. Without script, without push or once answered it stays hidden.
import { send } from "../http.js";
import { toast } from "../toast.js";

const ADDRESS = "/api/v1/me/push";

class PushOffer extends HTMLElement {
  connectedCallback() {
    const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    if (!able || Notification.permission !== "default") return;
    this.hidden = false;
    this.button = this.querySelector("button");
    this.take = () => this.ask();
    this.button.addEventListener("click", this.take);
  }

  disconnectedCallback() {
    this.button?.removeEventListener("click", this.take);
  }

  async ask() {
    this.button.disabled = true;
    try {
      if ((await Notification.requestPermission()) === "granted") {
        await this.subscribe();
        toast(this.dataset.done);
      }
      this.hidden = true;
    } catch (refused) {
      toast(refused.message);
      this.button.disabled = false;
    }
  }

  async subscribe() {
    const worker = await navigator.serviceWorker.ready;
    const { key } = await send("GET", ADDRESS);
    const kept = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
    const { endpoint, keys } = kept.toJSON();
    await send("POST", ADDRESS, { endpoint, keys });
  }
}

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

customElements.define("push-offer", PushOffer);
