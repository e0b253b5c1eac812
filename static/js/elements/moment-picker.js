// Takes the moment that the clip shows into the field that asks for one. The form works without it.
class MomentPicker extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const video = this.querySelector("video");
    if (!video) return;
    for (const field of this.querySelectorAll('input[name="at"], input[name^="at_"]')) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--small";
      button.textContent = this.getAttribute("word");
      button.addEventListener("click", () => this.take(field, video), { signal: this.stop.signal });
      field.after(button);
      this.made = [...(this.made ?? []), button];
    }
  }

  disconnectedCallback() {
    this.stop.abort();
    this.made?.forEach((button) => button.remove());
  }

  take(field, video) {
    field.value = video.currentTime.toFixed(2);
  }
}

customElements.define("moment-picker", MomentPicker);
