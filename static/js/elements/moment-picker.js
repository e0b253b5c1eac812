// Takes the moment that the clip shows into the field that asks for one, where that is of this clip. The form
// works without it.
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
      this.follow(button, field.name.replace("at", ""));
    }
  }

  // Of a picture out of another clip the moment is not to be seen here.
  follow(button, end) {
    const others = ["own", "clip"].map((name) => this.querySelector(`[name="${name}${end}"]`)).filter(Boolean);
    const look = () => (button.hidden = others.some((field) => field.value));
    for (const field of others) field.addEventListener("input", look, { signal: this.stop.signal });
    look();
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
