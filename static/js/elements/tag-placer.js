// Places a product by a click on the picture and by the moment that is shown. The form works without it.
class TagPlacer extends HTMLElement {
  connectedCallback() {
    this.video = this.querySelector("video");
    this.dot = this.querySelector(".tag-dot");
    this.querySelector("[data-help]").hidden = false;
    this.querySelector("[data-buttons]").hidden = false;
    this.stop = new AbortController();
    const on = (node, type, act) => node.addEventListener(type, act, { signal: this.stop.signal });
    on(this.video, "click", (event) => this.place(event));
    for (const button of this.querySelectorAll("[data-set]")) {
      on(button, "click", () => this.take(button.dataset.set));
    }
    for (const name of ["x", "y"]) on(this.field(name), "input", () => this.draw());
    this.draw();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  field(name) {
    return this.querySelector(`[name="${name}"]`);
  }

  place(event) {
    event.preventDefault();
    const box = this.video.getBoundingClientRect();
    this.field("x").value = Math.round(((event.clientX - box.left) / box.width) * 100);
    this.field("y").value = Math.round(((event.clientY - box.top) / box.height) * 100);
    this.draw();
  }

  take(name) {
    this.field(name).value = this.video.currentTime.toFixed(2);
  }

  draw() {
    this.dot.hidden = false;
    this.dot.style.setProperty("--x", this.field("x").value / 100);
    this.dot.style.setProperty("--y", this.field("y").value / 100);
  }
}

customElements.define("tag-placer", TagPlacer);
