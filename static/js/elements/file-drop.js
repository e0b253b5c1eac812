// Lets a file be dropped anywhere on the field; the input inside works without it.
class FileDrop extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const options = { signal: this.stop.signal };
    for (const kind of ["dragenter", "dragover"]) this.addEventListener(kind, (event) => this.over(event, true), options);
    for (const kind of ["dragleave", "drop"]) this.addEventListener(kind, (event) => this.over(event, false), options);
    this.addEventListener("drop", (event) => this.take(event), options);
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  over(event, isOver) {
    event.preventDefault();
    this.classList.toggle("is-over", isOver);
  }

  take(event) {
    const input = this.querySelector('input[type="file"]');
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  }
}

customElements.define("file-drop", FileDrop);
