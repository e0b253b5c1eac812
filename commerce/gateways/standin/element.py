"""The stand-in's own script with the part of Stripe.js that our sheet uses, and the frame's inside.

The card is typed in a frame of the stand-in; the shop's page never sees it, as with the real script.
"""

SCRIPT = """
// A stand-in for Stripe.js: a payment element in a frame, and one way to confirm it. No money moves.
(() => {
  const base = new URL(".", document.currentScript.src);
  function session(clientSecret, locale) {
    let frame = null;
    let email = "";
    const id = clientSecret.split("_secret")[0];
    const answer = (wanted) =>
      new Promise((resolve) => {
        const hear = (event) => {
          if (event.source !== frame?.contentWindow || event.data?.standin !== wanted) return;
          removeEventListener("message", hear);
          resolve(event.data);
        };
        addEventListener("message", hear);
      });
    const element = {
      mount(target) {
        const place = typeof target === "string" ? document.querySelector(target) : target;
        frame = document.createElement("iframe");
        const asked = new URLSearchParams({ secret: clientSecret, locale });
        frame.src = new URL(`element/${id}?${asked}`, base);
        frame.title = "Card";
        frame.width = "100%";
        frame.height = "190";
        frame.setAttribute("frameborder", "0");
        frame.addEventListener("load", () => element.onready?.());
        place.replaceChildren(frame);
      },
      on(name, heard) {
        if (name === "ready") element.onready = heard;
        return element;
      },
      destroy() {
        frame?.remove();
      },
    };
    const actions = {
      async updateEmail(value) {
        email = value;
        return { type: "success" };
      },
      async confirm(options = {}) {
        const told = answer("done");
        const order = { standin: "confirm", secret: clientSecret, email: options.email || email };
        frame.contentWindow.postMessage(order, base.origin);
        const { outcome, message, back } = await told;
        if (outcome !== "paid") return { type: "error", error: { code: outcome, message } };
        if (options.redirect !== "if_required") location.assign(back);
        return { type: "success", session: { status: { type: "complete" } } };
      },
    };
    return {
      createPaymentElement: () => element,
      loadActions: async () => ({ type: "success", actions }),
    };
  }
  window.Stripe = (_key, { locale = "auto" } = {}) => ({
    initCheckoutElementsSdk: ({ clientSecret }) => session(clientSecret, locale),
  });
})();
"""

INSIDE = """
// Inside the frame: the card goes to the stand-in, the outcome to the page around it.
const card = document.getElementById("card");
const bank = document.getElementById("bank");
let asked = null;
async function send(confirmed) {
  const number = new FormData(card).get("card");
  const locale = new URLSearchParams(location.search).get("locale") || "auto";
  const body = new URLSearchParams({ card: number, email: asked.email, secret: asked.secret, locale });
  if (confirmed) body.set("confirmed", confirmed);
  const told = await (await fetch(location.pathname, { method: "POST", body })).json();
  const wait = told.outcome === "authenticate";
  card.hidden = wait;
  bank.hidden = !wait;
  const done = { standin: "done", outcome: told.outcome, message: told.message, back: told.return };
  if (!wait) parent.postMessage(done, location.origin);
}
addEventListener("message", (event) => {
  if (event.source !== parent || event.data?.standin !== "confirm") return;
  asked = event.data;
  send("");
});
card.addEventListener("submit", (event) => event.preventDefault());
bank.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.submitter.value);
});
"""
