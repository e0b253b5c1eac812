// Light or dark, kept in a cookie so that the server's first paint is already right.
class ThemeChoice extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.button = this.querySelector("button");
    this.flip = () => {
      const root = document.documentElement;
      const dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      const [name, secure] = location.protocol === "https:" ? ["__Host-theme", "; secure"] : ["theme", ""];
      document.cookie = `${name}=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    };
    this.button?.addEventListener("click", this.flip);
  }

  disconnectedCallback() {
    this.button?.removeEventListener("click", this.flip);
  }
}
customElements.define("theme-choice", ThemeChoice);
