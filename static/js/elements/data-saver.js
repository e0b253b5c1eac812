// <data-saver>: a switch, and the megabytes of this month. While it is on nothing loads before it is tapped.
import { isSaving, megabytes, save } from "../player/usage.js";

class DataSaver extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input");
    box.checked = isSaving();
    box.addEventListener("change", () => {
      save(box.checked);
      document.dispatchEvent(new CustomEvent("data-saver", { detail: { on: box.checked } }));
    });
    const spent = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    this.querySelector("[data-megabytes]").textContent = spent.format(megabytes());
    this.hidden = false;
  }
}
customElements.define("data-saver", DataSaver);
