"""Wiring: settings, addresses, queues, and the commands of the person who hosts."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
