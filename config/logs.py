"""Logs say what happened to the host; whom it happened to stays out of them."""

import logging


class WithoutPeople(logging.Filter):
    """Puts the route (`/join/<code>`) where Django logs the path (`/join/7Q2…`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and len(record.args) == 2:
            match = getattr(request, "resolver_match", None)
            route = f"/{match.route}" if match else "(no such address)"
            record.args = (record.args[0], route)
        return True
