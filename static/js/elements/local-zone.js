// Tells the form in which time zone its moment is meant. Without it, the moment is in UTC.
class LocalZone extends HTMLElement {
  connectedCallback() {
    const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const told = this.querySelector("[data-zone]");
    if (!name || !told) return;
    this.querySelector('[name="zone"]').value = name;
    told.textContent = told.dataset.words.replace("ZONE", name);
  }
}

customElements.define("local-zone", LocalZone);
