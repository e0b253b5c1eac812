"""Logs say what happened to the host; whom it happened to stays out of them."""

import json
import logging
from datetime import UTC, datetime


class WithoutPeople(logging.Filter):
    """Puts the route (`/join/<code>`) where Django logs the path (`/join/7Q2…`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and len(record.args) == 2:
            match = getattr(request, "resolver_match", None)
            route = f"/{match.route}" if match else "(no such address)"
            record.args = (record.args[0], route)
        return True


class AsJson(logging.Formatter):
    """A line as one JSON object, for programs that gather logs (`LOG_FORMAT=json`)."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
