// The cards of a feed: few of them in the document, the others as text. Above the first one stands a spacer as high
// as what was taken away, so that the scroll position stays true.
const KEPT_BEHIND = 3;
const KEPT_AHEAD = 4;

export class Reel {
  constructor(feed) {
    this.feed = feed;
    this.end = feed.querySelector(".feed__end");
    this.html = [];
    this.cards = [...feed.querySelectorAll(".clip")];
    this.cards.forEach(strip);
    this.first = 0;
    this.html.length = this.cards.length;
    this.space = document.createElement("div");
    this.space.className = "feed__space";
    feed.prepend(this.space);
  }

  get total() {
    return this.html.length;
  }

  indexOf(card) {
    return this.first + this.cards.indexOf(card);
  }

  at(index) {
    return this.cards[index - this.first];
  }

  append(html) {
    this.html.push(...html);
  }

  // Only the neighbourhood of `index` stays; returns the cards that came, for whoever watches them.
  around(index) {
    const from = Math.max(0, index - KEPT_BEHIND);
    const to = Math.min(this.total - 1, index + KEPT_AHEAD);
    const came = [];
    while (this.first < from) this.#dropFirst();
    while (this.first + this.cards.length - 1 > to) this.#dropLast();
    while (this.first > from) came.push(this.#addFirst());
    while (this.first + this.cards.length - 1 < to) came.push(this.#addLast());
    this.space.style.setProperty("--above", this.first * this.feed.clientHeight);
    return came;
  }

  #dropFirst() {
    const card = this.cards.shift();
    this.html[this.first] = textOf(card);
    this.first += 1;
    card.remove();
  }

  #dropLast() {
    const card = this.cards.pop();
    this.html[this.first + this.cards.length] = textOf(card);
    card.remove();
  }

  #addFirst() {
    this.first -= 1;
    const card = parse(this.html[this.first]);
    this.space.after(card);
    this.cards.unshift(card);
    return card;
  }

  #addLast() {
    const card = parse(this.html[this.first + this.cards.length]);
    this.end.before(card);
    this.cards.push(card);
    return card;
  }
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// A card goes back to text without what belongs to this moment: a lent video, the player that needs no script.
function textOf(card) {
  card.querySelectorAll(".clip__video").forEach((video) => video.remove());
  return card.outerHTML;
}

function strip(card) {
  card.querySelectorAll("noscript").forEach((element) => element.remove());
}
