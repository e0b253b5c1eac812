// <copy-line><code>text</code><button type="button" data-done="Copied">Copy</button></copy-line>
import { toast } from "../toast.js";

class CopyLine extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.copy = async () => {
      await navigator.clipboard.writeText(this.querySelector("code").textContent.trim());
      toast(this.button.dataset.done);
    };
    this.button?.addEventListener("click", this.copy);
  }

  disconnectedCallback() {
    this.button?.removeEventListener("click", this.copy);
  }
}
customElements.define("copy-line", CopyLine);
