// Shows the places of a drawn layout on a stage, where they are dragged about. The form works without it: each
// pin only moves two sliders, which is also how a keyboard moves it.
const FLOOR = 0.86; // of the stage's height: where somebody near stands
const BACK = 0.34; // ... and how much higher somebody at the very back does

class LayoutStage extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    this.stage = this.querySelector("[data-stage]");
    this.stage.hidden = false;
    this.querySelector("[data-help]").hidden = false;
    this.marks = [...this.querySelectorAll("[data-mark]")].map((box) => this.mark(box));
    this.aspect = this.querySelector('[name="aspect"]');
    this.on(this, "input", () => this.draw());
    this.on(this, "change", () => this.draw());
    this.draw();
  }

  disconnectedCallback() {
    this.stop.abort();
    this.stage.replaceChildren();
  }

  on(node, type, act) {
    node.addEventListener(type, act, { signal: this.stop.signal });
  }

  mark(box) {
    const field = (name) => box.querySelector(`[name^="${name}_"]`);
    const pin = document.createElement("div");
    this.stage.append(pin);
    const mark = { box, pin, what: field("what"), x: field("x"), depth: field("depth"), facing: field("facing") };
    this.on(pin, "pointerdown", (event) => {
      event.preventDefault();
      pin.setPointerCapture(event.pointerId);
    });
    this.on(pin, "pointermove", (event) => {
      if (pin.hasPointerCapture(event.pointerId)) this.move(mark, event);
    });
    return mark;
  }

  move(mark, event) {
    const box = this.stage.getBoundingClientRect();
    const within = (low, value, high) => Math.round(Math.min(high, Math.max(low, value)));
    mark.x.value = within(-100, ((event.clientX - box.left) / box.width) * 200 - 100, 100);
    mark.depth.value = within(0, ((FLOOR - (event.clientY - box.top) / box.height) / BACK) * 100, 100);
    this.draw();
  }

  draw() {
    this.stage.style.setProperty("--shape", this.aspect.value.replace(":", " / "));
    for (const mark of this.marks) {
      const what = mark.what.value;
      mark.pin.hidden = !what;
      mark.box.classList.toggle("is-empty", !what);
      mark.pin.className = `layout-stage__pin${what === "person" ? " layout-stage__pin--person" : ""}`;
      mark.pin.dataset.facing = mark.facing?.value ?? "";
      mark.pin.textContent = mark.what.selectedOptions[0].textContent;
      mark.pin.style.setProperty("--x", (Number(mark.x.value) + 100) / 200);
      mark.pin.style.setProperty("--y", FLOOR - (BACK * Number(mark.depth.value)) / 100);
      mark.pin.style.setProperty("--near", 1 - (0.35 * Number(mark.depth.value)) / 100);
      mark.pin.style.zIndex = 200 - Number(mark.depth.value);
    }
  }
}

customElements.define("layout-stage", LayoutStage);
