// <passkey-button data-kind="create|get" data-options=… data-finish=… [data-form=id]>: one passkey ceremony.
// Stays hidden where the browser or the connection can't do passkeys; the code by e-mail beside it always works.
import { Refused, send } from "../http.js";

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// What the server wrote as base64url becomes bytes where WebAuthn wants bytes.
function withBytes(value, isCredentialOrUser = false) {
  if (Array.isArray(value)) return value.map((inner) => withBytes(inner, true));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isBinary = key === "challenge" || (key === "id" && isCredentialOrUser);
      return [key, isBinary ? bytes(inner) : withBytes(inner, key === "user")];
    }),
  );
}

function answerOf(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) parts.attestationObject = text(response.attestationObject);
  if (response.authenticatorData) parts.authenticatorData = text(response.authenticatorData);
  if (response.signature) parts.signature = text(response.signature);
  if (response.userHandle) parts.userHandle = text(response.userHandle);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  };
}

class PasskeyButton extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential || !window.isSecureContext) return;
    this.hidden = false;
    this.button = this.querySelector("button");
    this.error = this.querySelector("[role=alert]");
    this.press = () => this.run();
    this.button.addEventListener("click", this.press);
  }

  disconnectedCallback() {
    this.button?.removeEventListener("click", this.press);
  }

  async run() {
    const form = this.dataset.form && document.getElementById(this.dataset.form);
    if (form && !this.isFilled(form)) return;
    this.button.disabled = true;
    this.error.hidden = true;
    try {
      await this.ceremony(form ? Object.fromEntries(new FormData(form)) : {});
    } catch (problem) {
      this.show(problem);
    } finally {
      this.button.disabled = false;
    }
  }

  // The e-mail field is for the other way in; every other required field counts.
  isFilled(form) {
    const fields = [...form.elements].filter((field) => field.name && field.name !== "email");
    return fields.every((field) => field.reportValidity());
  }

  async ceremony(values) {
    const publicKey = withBytes(await send("POST", this.dataset.options, values));
    const credential = await navigator.credentials[this.dataset.kind]({ publicKey });
    const { next } = await send("POST", this.dataset.finish, answerOf(credential));
    location.assign(next);
  }

  show(problem) {
    if (problem.code === "step_up_required") {
      location.assign(`/step-up?next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    if (problem instanceof Refused) this.error.textContent = `${problem.message} ${problem.hint}`.trim();
    else if (problem.name === "SecurityError") this.error.textContent = `${this.dataset.elsewhere} ${this.dataset.home}`;
    else this.error.textContent = this.dataset.cancelled;
    this.error.hidden = false;
  }
}
customElements.define("passkey-button", PasskeyButton);
