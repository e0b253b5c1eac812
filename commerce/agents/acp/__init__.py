"""The Agentic Commerce Protocol, 2026-04-17, both ways: a tolerant reader and a strict writer.

A strictly valid request of that version cannot carry a quantity; an optional `quantity` is read all the same.
"""

from commerce.agents.acp.orders import net, order_body, permalink, total_row
from commerce.agents.acp.reading import session_asked, token_of
from commerce.agents.acp.words import (
    ADDRESS,
    ADDRESS_AT,
    BUYER,
    EMAIL,
    HANDLER,
    NEEDED,
    STATUS,
    VERSION,
    Json,
    kept,
    session_id,
)
from commerce.agents.acp.writing import (
    capabilities,
    cart_body,
    continue_url,
    discovery,
    error_body,
    links,
    session_body,
)

__all__ = [
    "ADDRESS",
    "ADDRESS_AT",
    "BUYER",
    "EMAIL",
    "HANDLER",
    "Json",
    "NEEDED",
    "STATUS",
    "VERSION",
    "capabilities",
    "cart_body",
    "continue_url",
    "discovery",
    "error_body",
    "kept",
    "links",
    "net",
    "order_body",
    "permalink",
    "session_asked",
    "session_body",
    "session_id",
    "token_of",
    "total_row",
]
