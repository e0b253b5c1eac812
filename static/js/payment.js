// The provider's payment element inside our own page. Its script and the frame that takes the card are the
// provider's: a card number never passes through here.
import { csrf } from "./http.js";

const scripts = new Map();

function load(address) {
  if (!scripts.has(address)) {
    scripts.set(
      address,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", resolve);
        script.addEventListener("error", () => {
          scripts.delete(address);
          script.remove();
          reject(new Error("script"));
        });
        document.head.append(script);
      }),
    );
  }
  return scripts.get(address);
}

// The way to the provider's own page: always there, and all there is when the script does not come.
function otherWay(order, words, make) {
  return make(
    "form",
    { method: "post", action: `/orders/${order.id}/pay` },
    make("input", { type: "hidden", name: "csrfmiddlewaretoken", value: csrf() }),
    make("button", { class: "button button--quiet button--small" }, words.other),
  );
}

export async function mountPayment(place, order, words, make) {
  const { payment } = order;
  const label = words.pay.replace("{sum}", payment.total);
  const frame = make("div", { class: "pay-here__card" });
  const email = payment.email
    ? null
    : make("input", { type: "email", name: "email", required: true, autocomplete: "email", maxlength: 254 });
  const said = make("p", { class: "notice notice--danger small", role: "alert", hidden: true });
  const button = make("button", { class: "button button--primary button--wide" }, label);
  const form = make(
    "form",
    { class: "stack stack--s" },
    email ? make("label", { class: "field" }, make("span", { class: "field__label" }, words.email), email) : null,
    frame,
    said,
    button,
  );
  place.replaceChildren(form, otherWay(order, words, make));
  try {
    await load(payment.script);
  } catch {
    place.replaceChildren(otherWay(order, words, make));
    return;
  }
  const stripe = window.Stripe(payment.publishable_key, { locale: document.documentElement.lang.split("-")[0] || "auto" });
  const checkout = stripe.initCheckoutElementsSdk({ clientSecret: payment.client_secret });
  checkout.createPaymentElement().mount(frame);
  const loaded = await checkout.loadActions();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    button.textContent = words.wait;
    said.hidden = true;
    const options = email ? { email: email.value } : payment.email ? { email: payment.email } : {};
    const result = await loaded.actions.confirm({ ...options, redirect: "if_required" });
    if (result.type === "success") {
      location.assign(order.page);
      return;
    }
    said.textContent = result.error.message;
    said.hidden = false;
    button.disabled = false;
    button.textContent = label;
  });
  (email ?? button).focus();
}
