"""Each post says whether its clip is AI-made, so that a page without them has an index of its own."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def told_by_clips(apps: Any, editor: Any) -> None:
    posts = apps.get_model("feed", "Post").objects.using(editor.connection.alias)
    posts.exclude(clip__origin="generated").update(is_ai=False)


class Migration(migrations.Migration):
    dependencies = [("feed", "0012_series_broll_and_ways")]

    operations = [
        migrations.AddField("post", "is_ai", models.BooleanField(default=True, editable=False)),
        migrations.RunPython(told_by_clips, migrations.RunPython.noop),
        migrations.AddIndex(
            "post",
            models.Index(
                condition=models.Q(("is_ai", False)),
                fields=["state", "-published_at", "-id"],
                name="feed_post_filmed",
            ),
        ),
    ]
