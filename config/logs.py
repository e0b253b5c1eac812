"""Logs say what happened to the host; whom it happened to stays out of them."""

import json
import logging
from datetime import UTC, datetime

_ENDS = {ord("\r"): "\\r", ord("\n"): "\\n", ord("\u2028"): " ", ord("\u2029"): " ", ord("\x1b"): "?"}


class WithoutPeople(logging.Filter):
    """Puts the route (`/join/<code>`) where Django logs the path (`/join/7Q2…`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and len(record.args) == 2:
            match = getattr(request, "resolver_match", None)
            route = f"/{match.route}" if match else "(no such address)"
            record.args = (record.args[0], route)
        return True


class AsLine(logging.Formatter):
    """One event a line: what somebody sent can start no line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        said, record.msg, record.args = record.message, record.message.translate(_ENDS), ()
        try:
            return super().format(record)
        finally:
            record.msg = said


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
