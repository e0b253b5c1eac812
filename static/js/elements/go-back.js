// <go-back><a href="…">Back</a></go-back> goes back in the browser's history when the page before was this one's,
// so that a form keeps what was typed; else the link is followed.
class GoBack extends HTMLElement {
  connectedCallback() {
    this.go = (event) => {
      const link = event.target.closest("a");
      if (!link || link.href !== document.referrer || history.length < 2) return;
      event.preventDefault();
      history.back();
    };
    this.addEventListener("click", this.go);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.go);
  }
}
customElements.define("go-back", GoBack);
