// The products of the clip it stands in: a steady bag button, a dot while its moment plays, and the sheet, which is
// painted from what the server gave with the tags. Nothing is asked for before the clip is on screen.
import { csrf, send } from "../http.js";
import { mountPayment } from "../payment.js";

const NS = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function bag() {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", "M5 8h14l1 12H4L5 8Zm4 0V7a3 3 0 0 1 6 0v1");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "1.8");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}

class ProductTags extends HTMLElement {
  connectedCallback() {
    this.clip = this.closest(".clip") || this.parentElement;
    this.onTime = (event) => this.showMoment(event.target.currentTime * 1000);
    this.clip.addEventListener("timeupdate", this.onTime, true);
    this.observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && this.load(), {
      threshold: 0.5,
    });
    this.observer.observe(this.clip);
  }

  disconnectedCallback() {
    this.observer?.disconnect();
    this.clip?.removeEventListener("timeupdate", this.onTime, true);
    this.sheet?.remove();
  }

  async load() {
    this.observer.disconnect();
    try {
      this.data = await send("GET", `/api/v1/posts/${this.getAttribute("post")}/tags`);
    } catch {
      return; // no connection, or the clip is gone: the clip plays on without its bag
    }
    if (this.isConnected) this.paint();
  }

  paint() {
    const { tags, words, propose } = this.data;
    this.replaceChildren();
    this.dots = tags.map((tag) => {
      const dot = make("button", {
        type: "button",
        class: "tag-pin",
        hidden: true,
        "aria-label": tag.title,
        onclick: () => this.open(tag),
      });
      dot.style.setProperty("--x", tag.x);
      dot.style.setProperty("--y", tag.y);
      return dot;
    });
    if (tags.length) {
      const price = tags[0].offers[0]?.price ?? "";
      this.append(
        ...this.dots,
        make(
          "button",
          { type: "button", class: "tag-bag", "aria-haspopup": "dialog", onclick: () => this.open(this.current ?? tags[0]) },
          bag(),
          make("span", { class: "tag-bag__title" }, tags.length === 1 ? tags[0].title : `${words.bag} (${tags.length})`),
          make("span", { class: "tag-bag__price" }, tags.length === 1 ? price : ""),
          make("span", { class: "tag-bag__ad" }, words.ad),
        ),
      );
    } else if (propose) {
      this.append(make("a", { class: "tag-bag tag-bag--quiet", href: propose }, bag(), make("span", {}, words.pin)));
    }
  }

  showMoment(ms) {
    if (!this.dots) return;
    this.current = null;
    this.data.tags.forEach((tag, number) => {
      const isNow = tag.start_ms <= ms && ms < tag.end_ms;
      this.dots[number].hidden = !isNow;
      if (isNow && !this.current) this.current = tag;
    });
  }

  open(first) {
    this.sheet?.remove();
    const others = this.data.tags.filter((tag) => tag !== first);
    this.sheet = make(
      "dialog",
      { class: "sheet tag-sheet", "aria-label": first.title },
      make(
        "div",
        { class: "dialog__head" },
        make("h2", {}, first.title),
        make("button", { type: "button", class: "icon-button", "aria-label": this.data.words.close, onclick: () => this.sheet.close() }, "✕"),
      ),
      make(
        "div",
        { class: "dialog__body stack" },
        this.data.words.demo ? make("p", { class: "notice notice--warn small" }, this.data.words.demo) : null,
        ...[first, ...others].map((tag) => this.product(tag)),
      ),
    );
    // Over the clip, which plays on: the rest of the page stays as it is.
    this.sheet.addEventListener("close", () => this.sheet.remove());
    this.sheet.addEventListener("click", (event) => event.target === this.sheet && this.sheet.close());
    document.body.append(this.sheet);
    this.sheet.showModal();
    send("POST", `/api/v1/tags/${first.id}/touch`).catch(() => {});
  }

  product(tag) {
    const { words } = this.data;
    const rule = words.rule.replace("{creator}", tag.creator_percent).replace("{owner}", tag.owner_percent);
    return make(
      "article",
      { class: "stack stack--s" },
      make(
        "div",
        { class: "sheet-product" },
        make("img", { src: tag.picture, alt: "", width: 240, height: 240 }),
        make(
          "div",
          { class: "stack stack--s" },
          make("span", { class: "badge badge--info" }, words.ad),
          make("strong", {}, tag.title),
          make("span", { class: "quiet" }, tag.merchant),
        ),
      ),
      tag.offer ? this.beforeItIsMade(tag) : null,
      ...(tag.out || (tag.offer && !tag.offer.is_open) ? [] : tag.offers.map((offer) => this.offer(tag, offer))),
      tag.out
        ? make("a", { class: "button button--primary", href: tag.out, rel: "nofollow sponsored" }, `${words.out} ↗`)
        : null,
      make("p", { class: "quiet small" }, rule),
    );
  }

  // Order and pay here, over the playing clip. Whatever stands in the way, the form goes to the provider's page.
  async buy(event, tag) {
    event.preventDefault();
    const form = event.target;
    const { words } = this.data;
    const given = Object.fromEntries(new FormData(form));
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const order = await send("POST", "/api/v1/checkout", {
        variant: Number(given.variant),
        quantity: Number(given.quantity),
        seen_amount: Number(given.seen_amount),
        seen_currency: given.seen_currency,
        seen_total: Number(given.seen_total),
        seen_promise: given.seen_promise,
        tag: tag.id,
        code: given.code || "",
        in_page: true,
      });
      if (!order.payment) {
        form.action = `/orders/${order.id}/pay`;
        form.submit();
        return;
      }
      const place = make("section", { class: "stack pay-here", "aria-label": words.pay.replace("{sum}", order.payment.total) });
      form.replaceWith(place);
      await mountPayment(place, order, words, make);
    } catch (refused) {
      button.disabled = false;
      form.querySelector("[role=alert]")?.remove();
      form.append(make("p", { class: "notice notice--danger small", role: "alert" }, refused.message, " ", refused.hint || ""));
    }
  }

  // A concept, a group buy, a preorder: how it stands, and the page on which one takes part.
  beforeItIsMade(tag) {
    const { offer } = tag;
    const row = make("p", { class: "cluster" }, make("span", { class: "badge badge--info" }, `${offer.kind}: ${offer.state}`));
    if (offer.label) row.prepend(make("span", { class: "badge badge--accent" }, offer.label));
    if (offer.threshold) row.append(make("span", { class: "quiet small" }, `${offer.count} / ${offer.threshold}`));
    return row;
  }

  offer(tag, offer) {
    const { words } = this.data;
    if (tag.offer)
      return make(
        "div",
        { class: "offer" },
        make("span", { class: "offer__title" }, offer.title || words.one, make("span", { class: "price" }, offer.price)),
        make("a", { class: "button button--primary", href: tag.sheet }, words.part),
      );
    const most = Math.min(20, offer.left ?? 20);
    const extras = ["shipping", "tax"].filter((name) => offer[name]).map((name) => words[name].replace("{sum}", offer[name]));
    const hidden = (name, value) => make("input", { type: "hidden", name, value });
    return make(
      "form",
      { class: "offer", method: "post", action: "/checkout", onsubmit: (event) => this.buy(event, tag) },
      hidden("csrfmiddlewaretoken", csrf()),
      hidden("variant", offer.id),
      hidden("seen_amount", offer.amount),
      hidden("seen_currency", offer.currency),
      hidden("seen_total", offer.total_amount),
      hidden("seen_promise", tag.promise),
      hidden("tag", tag.id),
      make(
        "span",
        { class: "offer__title" },
        offer.title || words.one,
        make("span", { class: "price" }, offer.price),
        offer.was ? make("span", { class: "quiet small" }, words.was.replace("{sum}", offer.was)) : null,
        extras.length ? make("span", { class: "quiet small" }, `${extras.join(", ")} = ${offer.total}`) : null,
        offer.left && offer.left < 6
          ? make("span", { class: "quiet small" }, words.left.replace("{n}", offer.left))
          : null,
      ),
      ...(offer.left === 0
        ? [make("span", { class: "badge" }, words.sold_out)]
        : [
            make(
              "label",
              { class: "offer__quantity" },
              make("span", { class: "visually-hidden" }, words.quantity),
              make("input", { type: "number", name: "quantity", value: 1, min: 1, max: most }),
            ),
            make(
              "label",
              { class: "offer__code" },
              make("span", { class: "visually-hidden" }, words.code),
              make("input", { name: "code", maxlength: 24, autocomplete: "off", placeholder: words.code }),
            ),
            make("button", { class: "button button--primary" }, words.buy),
          ]),
    );
  }
}

customElements.define("product-tags", ProductTags);
