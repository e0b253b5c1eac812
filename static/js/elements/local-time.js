// Says a moment in the time of whoever reads it, in the page's language. Without it, it stands there in UTC.
class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time[datetime]");
    const at = new Date(time?.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const language = document.documentElement.lang || undefined;
    time.textContent = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at);
  }
}

customElements.define("local-time", LocalTime);
