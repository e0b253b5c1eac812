// Shots of a storyboard: added, taken away and moved without a new page, by buttons, by the arrow keys on a
// shot's handle, or by dragging the handle (mouse, pen or finger); while one is dragged all are folded to a line,
// so that a phone shows where it can go. The form inside works without it.
class ShotTimeline extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("[data-shots]");
    this.form = this.querySelector("form");
    this.stop = new AbortController();
    const options = { signal: this.stop.signal };
    this.addEventListener("click", (event) => this.press(event), options);
    this.addEventListener("keydown", (event) => this.keys(event), options);
    this.addEventListener("input", () => this.draw(), options);
    this.addEventListener("pointerdown", (event) => this.hold(event), options);
    // A shot that is moved in the page loses its hold on the pointer, which may be let go anywhere then.
    document.addEventListener("pointermove", (event) => this.drag(event), options);
    for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => this.drop(), options);
    this.blank = this.list.firstElementChild?.cloneNode(true);
    this.number();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  get shots() {
    return [...this.list.children];
  }

  press(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const shot = button.closest("[data-shot]");
    if (button.matches("[data-add]")) this.act(event, () => this.add());
    else if (button.matches("[data-remove]")) this.act(event, () => this.remove(shot));
    else if (button.matches("[data-up]")) this.act(event, () => this.move(shot, -1, "[data-up]"));
    else if (button.matches("[data-down]")) this.act(event, () => this.move(shot, 1, "[data-down]"));
    else if (button.dataset.goto) this.act(event, () => this.shots[button.dataset.goto].querySelector("textarea").focus());
  }

  act(event, what) {
    event.preventDefault();
    what();
  }

  keys(event) {
    if (!event.target.matches("[data-handle]")) return;
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (step) this.act(event, () => this.move(event.target.closest("[data-shot]"), step, "[data-handle]"));
  }

  add() {
    if (!this.blank || this.shots.length >= Number(this.getAttribute("most"))) return;
    const shot = this.blank.cloneNode(true);
    for (const field of shot.querySelectorAll("textarea, select")) field.value = "";
    for (const box of shot.querySelectorAll('[type="checkbox"]')) box.checked = false;
    for (const denied of shot.querySelectorAll(".picker__one--no")) denied.remove();
    const seconds = shot.querySelector('[name$="-seconds"]');
    if (seconds) seconds.value = 5;
    this.list.append(shot);
    this.number();
    shot.querySelector("textarea").focus();
    this.say("added", this.shots.length);
  }

  remove(shot) {
    const at = this.shots.indexOf(shot);
    shot.remove();
    this.number();
    (this.shots[Math.max(0, at - 1)]?.querySelector("[data-title]") || this.querySelector("[data-add]")).focus();
    this.say("gone", at + 1);
  }

  move(shot, step, focus) {
    const at = this.shots.indexOf(shot) + step;
    if (at < 0 || at >= this.shots.length) return;
    if (step < 0) this.list.insertBefore(shot, this.shots[at]);
    else this.list.insertBefore(shot, this.shots[at].nextElementSibling);
    this.number();
    if (focus) shot.querySelector(focus).focus();
    this.say("moved", at + 1);
  }

  hold(event) {
    const handle = event.target.closest("[data-handle]");
    if (!handle) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    this.held = handle.closest("[data-shot]");
    this.keepInPlace(handle, () => {
      this.held.classList.add("is-held");
      this.list.classList.add("is-moving");
    });
  }

  // The page scrolls by what folding moved, so that the handle stays under the finger.
  keepInPlace(element, change) {
    const top = element.getBoundingClientRect().top;
    change();
    window.scrollBy({ top: element.getBoundingClientRect().top - top, behavior: "instant" });
  }

  drag(event) {
    if (!this.held) return;
    const above = this.shots.filter((shot) => {
      const box = shot.getBoundingClientRect();
      return shot !== this.held && box.top + box.height / 2 < event.clientY;
    });
    const step = above.length - this.shots.indexOf(this.held);
    if (step) this.move(this.held, step, "");
  }

  drop() {
    if (!this.held) return;
    this.keepInPlace(this.held, () => {
      this.held.classList.remove("is-held");
      this.list.classList.remove("is-moving");
    });
    this.held = null;
  }

  // Names and numbers follow the order in which the shots stand.
  number() {
    this.shots.forEach((shot, at) => {
      for (const field of shot.querySelectorAll('[name^="shot-"]')) field.name = field.name.replace(/^shot-\d+/, `shot-${at}`);
      for (const field of shot.querySelectorAll('[id^="shot-"]')) field.id = field.id.replace(/^shot-\d+/, `shot-${at}`);
      for (const label of shot.querySelectorAll('[for^="shot-"]')) label.htmlFor = label.htmlFor.replace(/^shot-\d+/, `shot-${at}`);
      const name = this.dataset.name.replace("NUMBER", at + 1);
      shot.querySelector("[data-title]").textContent = name;
      const handle = shot.querySelector("[data-handle]");
      handle.hidden = false;
      handle.setAttribute("aria-label", handle.getAttribute("aria-label").replace(/\d+/, at + 1));
      for (const button of shot.querySelectorAll("[data-up], [data-down], [data-remove]")) button.value = at;
      shot.querySelector("[data-up]").disabled = at === 0;
      shot.querySelector("[data-down]").disabled = at === this.shots.length - 1;
    });
    this.querySelector("[data-add]").disabled = this.shots.length >= Number(this.getAttribute("most"));
    this.draw();
  }

  // The strip above: each shot as wide as it is long.
  draw() {
    const strip = this.querySelector("[data-timeline]");
    let [told, all] = [0, 0];
    strip.replaceChildren(
      ...this.shots.map((shot, at) => {
        const seconds = Number(shot.querySelector('[name$="-seconds"]').value) || 0;
        const words = shot.querySelector("textarea").value.trim();
        shot.querySelector("[data-title]").dataset.words = words;
        const empty = !words;
        all += seconds;
        if (!empty) told += seconds;
        const piece = document.createElement("button");
        [piece.type, piece.textContent, piece.tabIndex, piece.dataset.goto] = ["button", at + 1, -1, at];
        piece.style.flexGrow = Math.max(1, seconds);
        piece.classList.toggle("is-empty", empty);
        return piece;
      }),
    );
    const sum = told || all; // as the price: all of them while none has words
    const most = Number(this.getAttribute("longest"));
    strip.classList.toggle("is-long", sum > most);
    const words = sum > most ? this.dataset.long : this.dataset.sum;
    this.querySelector("[data-total]").textContent = words.replaceAll("SECONDS", sum).replace("MOST", most);
  }

  say(what, number) {
    const words = this.dataset[what].replace("NUMBER", number).replace("COUNT", this.shots.length);
    this.querySelector("[data-said]").textContent = words;
  }
}

customElements.define("shot-timeline", ShotTimeline);
