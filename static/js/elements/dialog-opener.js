// <dialog-opener target="id"><button type="button">…</button></dialog-opener> opens <dialog id="id">.
// Focus, Escape and the backdrop belong to the browser; a click on the backdrop closes.
class DialogOpener extends HTMLElement {
  connectedCallback() {
    this.dialog = document.getElementById(this.getAttribute("target"));
    this.open = () => this.dialog?.showModal();
    this.maybeClose = (event) => {
      if (event.target === this.dialog) this.dialog.close();
    };
    this.addEventListener("click", this.open);
    this.dialog?.addEventListener("click", this.maybeClose);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.open);
    this.dialog?.removeEventListener("click", this.maybeClose);
  }
}
customElements.define("dialog-opener", DialogOpener);
