"""The hosted payment page: plain HTML that works without JavaScript, in the reader's language."""

from __future__ import annotations

from html import escape
from typing import Any

from commerce.money import Money

CARD_HINTS = (
    ("4242 4242 4242 4242", "paid", "付款成功"),
    ("4000 0000 0000 0002", "declined", "被拒绝"),
    ("4000 0025 0000 3155", "asks you to confirm", "需要确认"),
    ("4000 0000 0000 0259", "paid, then disputed", "付款后被拒付"),
    ("4000 0000 0000 0341", "can be left, declined when charged", "可保存，扣款时被拒绝"),
)
WORDS = {
    "en": {
        "title": "Pay",
        "banner": "Stand-in payment page of this demo. No card is charged and no money moves.",
        "email": "E-mail for the receipt",
        "card": "Card number",
        "pay": "Pay",
        "cancel": "Go back without paying",
        "hints": "Numbers that work here",
        "confirm": "Your bank asks: do you approve this payment?",
        "approve": "Approve",
        "refuse": "Refuse",
        "card_declined": "The card was declined. Nothing was charged; try another card.",
        "insufficient_funds": "The card does not hold enough. Nothing was charged; try another card.",
        "incorrect_number": "That is not one of the numbers that work here.",
        "not_authenticated": "The payment was not approved. Nothing was charged.",
        "email_missing": "Please give an e-mail address for the receipt.",
        "onboard_title": "Your account for payouts",
        "onboard": "Here you would tell the payment provider who you are and where your money goes.",
        "onboard_done": "I am done",
        "leave": "Leave this card",
        "leave_why": "Nothing is charged now.",
        "every_month": "every month",
        "every_year": "every year",
        "over": "This payment page has expired or was paid already. Go back to the shop to start again.",
    },
    "zh": {
        "title": "付款",
        "banner": "这是演示用的替代付款页面，不会扣款，也没有资金流动。",
        "email": "接收收据的邮箱",
        "card": "卡号",
        "pay": "付款",
        "cancel": "不付款，返回",
        "hints": "此处可用的卡号",
        "confirm": "银行询问：你同意这笔付款吗？",
        "approve": "同意",
        "refuse": "拒绝",
        "card_declined": "卡被拒绝，未扣款。请换一张卡。",
        "insufficient_funds": "卡内余额不足，未扣款。请换一张卡。",
        "incorrect_number": "这不是此处可用的卡号。",
        "not_authenticated": "付款未获同意，未扣款。",
        "email_missing": "请填写接收收据的邮箱。",
        "onboard_title": "你的收款账户",
        "onboard": "在真实环境中，你会在这里向支付服务商说明身份和收款账户。",
        "onboard_done": "已完成",
        "leave": "保存这张卡",
        "leave_why": "现在不会扣款。",
        "every_month": "每月",
        "every_year": "每年",
        "over": "付款页面已过期或已付款。请返回商店重新开始。",
    },
}
STYLE = """
:root{color-scheme:light dark;--ink:#1d1a2b;--paper:#fbf7f0;--accent:#b3261e;--line:#d9d1c3}
@media(prefers-color-scheme:dark){:root{--ink:#f3eee4;--paper:#191622;--accent:#ff8a7a;--line:#3b364a}}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;
color:var(--ink);background:var(--paper)}main{max-inline-size:26rem;margin-inline:auto;padding:1rem}
.banner{padding:.6rem 1rem;text-align:center;color:#1d1a2b;
background:repeating-linear-gradient(135deg,#f2c14e,#f2c14e 12px,#e8b23a 12px,#e8b23a 24px)}
h1{font-size:2rem;margin-block:1rem .25rem}ul{padding:0;list-style:none}li{display:flex;justify-content:
space-between;border-block-end:1px solid var(--line);padding-block:.4rem}
label{display:block;margin-block:1rem}
input{inline-size:100%;font:inherit;padding:.7rem;border:1px solid var(--line);border-radius:.6rem;
background:transparent;color:inherit}button{inline-size:100%;font:inherit;font-weight:600;padding:.8rem;border:0;
border-radius:.6rem;background:var(--accent);color:var(--paper);margin-block-end:.6rem}.error{color:var(--accent);
font-weight:600}.quiet{background:none;color:inherit;border:1px solid var(--line)}
a{color:inherit}small code{font-size:1rem}
"""


def words(accept_language: str, locale: str | None = None) -> dict[str, str]:
    """What the page says, in the language that its session names; else in the browser's."""
    language = accept_language if locale in {None, "auto"} else str(locale)
    return WORDS["zh" if language.lower().startswith("zh") else "en"]


def payment(checkout: dict[str, Any], say: dict[str, str], *, error: str = "", email: str = "") -> str:
    lines = "".join(
        f"<li><span>{line['quantity']} × {escape(line['description'])}</span>"
        f"<span>{_money(line['amount_total'], line['currency'])}</span></li>"
        for line in checkout["line_items"]["data"]
    )
    hints = "".join(
        f"<li><small><code>{number}</code></small><small>{zh if say is WORDS['zh'] else en}</small></li>"
        for number, en, zh in CARD_HINTS
    )
    total = _money(checkout["amount_total"], checkout["currency"]) if lines else ""
    every = checkout["line_items"]["data"][0]["price"].get("recurring") if lines else None
    often = f" {say['every_' + every['interval']]}" if every else ""
    head = f"<h1>{total}{often}</h1>" if lines else f"<h1>{say['leave']}</h1><p>{say['leave_why']}</p>"
    button = f"{say['pay']} {total}" if lines else say["leave"]
    return _page(
        say,
        f"""{head}<ul>{lines}</ul>{_error(say, error)}
        <form method="post"><label>{say["email"]}
        <input type="email" name="email" required autocomplete="email"
        value="{escape(checkout["customer_email"] or email)}"></label>
        <label>{say["card"]}<input name="card" inputmode="numeric" required autocomplete="off"></label>
        <button>{button}</button></form>{_cancel(checkout, say)}
        <h2><small>{say["hints"]}</small></h2><ul>{hints}</ul>""",
    )


def confirmation(say: dict[str, str], *, card: str, email: str) -> str:
    return _page(
        say,
        f"""<h1>{say["confirm"]}</h1><form method="post">
        <input type="hidden" name="card" value="{escape(card)}">
        <input type="hidden" name="email" value="{escape(email)}">
        <button name="confirmed" value="yes">{say["approve"]}</button>
        <button class="quiet" name="confirmed" value="no">{say["refuse"]}</button></form>""",
    )


def card(say: dict[str, str], *, error: str = "") -> str:
    """A subscriber's other card."""
    return _page(
        say,
        f"""<h1>{say["leave"]}</h1>{_error(say, error)}<form method="post">
        <label>{say["card"]}<input name="card" inputmode="numeric" required autocomplete="off"></label>
        <button>{say["leave"]}</button></form>""",
    )


def element(checkout: dict[str, Any], say: dict[str, str]) -> str:
    """The frame that takes a card inside the shop's page; its script is a file beside it."""
    language = "zh-Hans" if say is WORDS["zh"] else "en"
    hint = " · ".join(number for number, _en, _zh in CARD_HINTS[:3])
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="robots" content="noindex">'
        f"<title>{say['card']}</title><style>{STYLE}body{{background:transparent}}main{{padding:0;"
        "max-inline-size:none}label{margin-block:0}</style>"
        f'<main><form id="card"><label>{say["card"]}<input name="card" inputmode="numeric" required '
        f'autocomplete="cc-number"></label><p><small>{hint}</small></p></form>'
        f'<form id="bank" hidden><p>{say["confirm"]}</p><button name="confirmed" value="yes">{say["approve"]}'
        f'</button><button class="quiet" name="confirmed" value="no">{say["refuse"]}</button></form></main>'
        '<script src="../element.js"></script></html>'
    )


def onboarding(say: dict[str, str]) -> str:
    return _page(
        say,
        f"""<h1>{say["onboard_title"]}</h1><p>{say["onboard"]}</p>
        <form method="post"><button>{say["onboard_done"]}</button></form>""",
    )


def over(say: dict[str, str]) -> str:
    return _page(say, f"<h1>{say['title']}</h1><p>{say['over']}</p>")


def _cancel(checkout: dict[str, Any], say: dict[str, str]) -> str:
    address = checkout.get("cancel_url")
    return f'<p><a href="{escape(address)}">{say["cancel"]}</a></p>' if address else ""


def _error(say: dict[str, str], error: str) -> str:
    return f'<p class="error" role="alert">{say[error]}</p>' if error else ""


def _money(amount: int, currency: str) -> str:
    return escape(str(Money(amount, currency.upper())))


def _page(say: dict[str, str], body: str) -> str:
    language = "zh-Hans" if say is WORDS["zh"] else "en"
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{say['title']}</title><style>{STYLE}</style>"
        f'<p class="banner">{say["banner"]}</p><main>{body}</main></html>'
    )
