"""Celery only wakes workers: what is to be done stands in the database, so a lost wake-up costs a second.

Queues: `render` (one worker with torch), `check` (recordings), `default` (sweeps, news, housekeeping).
The whole timetable is at the bottom. Every entry expires before it is due again, so a worker that was busy
or away finds one message, not a heap.
"""

import logging
import os
from typing import Any

from celery import Celery, Task
from celery.schedules import crontab
from kombu import Queue
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger(__name__)


class WakeUp(Task):  # type: ignore[misc]
    """A task whose sending never fails a request: with the broker away, the sweep finds the row instead."""

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().apply_async(*args, **kwargs)
        except (OperationalError, OSError):
            logger.warning("No broker: %s waits for the next sweep.", self.name)
            return None


app = Celery("understudy", task_cls=WakeUp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.task_queues = [Queue("default"), Queue("check"), Queue("render")]
app.conf.task_routes = {
    "generation.tasks.render*": {"queue": "render"},
    "cameos.tasks.check*": {"queue": "check"},
}


def entry(task: str, every: float | crontab, queue: str = "default") -> dict[str, Any]:
    expires = every if isinstance(every, (int, float)) else 3600
    return {"task": task, "schedule": every, "options": {"queue": queue, "expires": expires}}


app.conf.beat_schedule = {
    "end uses whose time is over, finish revocations": entry("cameos.tasks.sweep", 20.0),
    "tell owners of clips with them, hourly at most": entry("cameos.tasks.gather_notices", 300.0),
    "erase recordings whose time is over, wake checks that wait": entry("cameos.tasks.sweep_captures", 30.0),
    "bring lost renders back into the queue": entry("generation.tasks.sweep", 10.0),
    "clear what dead workers left": entry("generation.tasks.clear_orphans", crontab(minute=41)),
    "describe posts that came while the vectors were away": entry("feed.tasks.describe_missing", 60.0),
    "make the slates whose wake-up was lost": entry("feed.tasks.refresh_slates", 30.0),
    "take down what was asked 47 hours ago": entry("feed.tasks.run_out_removals", 60.0),
    "mail the news to whoever asked": entry("feed.tasks.send_digests", crontab(minute=23)),
    "count what is trending": entry("feed.tasks.refresh_trends", 300.0),
    "learn the feed's weights from the host's own log": entry("feed.tasks.learn", crontab(hour=4, minute=13)),
    "publish what was put off until now": entry("feed.tasks.publish_due", 30.0),
    "count the votes that are over": entry("feed.tasks.close_votes", 60.0),
    "give back stock of checkouts that ran out": entry("commerce.tasks.release_holds", 60.0),
    "tell agents of their orders": entry("commerce.tasks.tell_agents", 30.0),
    "write to buyers": entry("commerce.tasks.send_letters", 20.0),
    "note what things cost": entry("commerce.tasks.note_prices", 3600.0),
    "move offers on": entry("commerce.tasks.run_offers", 60.0),
    "pay out what is payable": entry("commerce.tasks.move_money", crontab(hour=4, minute=23)),
    "hold our books against the provider's": entry("commerce.tasks.reconcile", crontab(hour=3, minute=47)),
    "fetch product files that are due": entry("commerce.tasks.bring_files", 300.0),
    "fetch pictures of products": entry("commerce.tasks.bring_pictures", 60.0),
    "put the operator's announcements where pages look": entry("accounts.tasks.announce", 60.0),
    "send news to people's own addresses": entry("accounts.tasks.send_hooks", 10.0),
    "delete what was kept for a time": entry("accounts.tasks.forget", crontab(minute=17)),
    "delete watch beacons older than 90 days": entry("feed.tasks.forget_watches", crontab(hour=3, minute=31)),
    "sign the day's head over all ledgers": entry("cameos.tasks.publish_head", crontab(hour=23, minute=55)),
}
