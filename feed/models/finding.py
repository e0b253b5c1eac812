"""What finding clips and people needs: words of clips, what is trending, and each person's wishes."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from accounts.social import Viewer


class SearchWord(models.Model):
    """One word of a published clip, as `search.words_of` cuts it. Newest clips are found first."""

    word = models.CharField(max_length=40)
    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="search_words")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "post"], name="search_word_once")]


class Trend(models.Model):
    """One place of a board, made anew every few minutes by `trends.refresh`."""

    class Board(models.TextChoices):
        CLIPS = "clips"
        TAGS = "tags"
        REMIXED = "remixed"
        CAST = "cast"

    board = models.CharField(max_length=10, choices=Board.choices)
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    post = models.ForeignKey("feed.Post", null=True, on_delete=models.CASCADE, related_name="+")
    hashtag = models.ForeignKey("feed.Hashtag", null=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "rank"], name="trend_place_once")]


class Preferences(models.Model):
    """What a person wishes of the feed and its news. Nobody has a row until they change something."""

    class Digest(models.TextChoices):
        NEVER = "never"
        DAILY = "daily"
        WEEKLY = "weekly"

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feed_preferences"
    )
    on_boards = models.BooleanField(default=True)
    digest = models.CharField(max_length=6, choices=Digest.choices, default=Digest.NEVER)
    digest_sent_at = models.DateTimeField(null=True)
    muted_kinds = models.JSONField(default=list)  # of news: not mailed, not pushed
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    session_minutes = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(600)])
    stop_every = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(500)])

    @classmethod
    def of(cls, viewer: Viewer) -> Preferences:
        """Theirs, or what everybody begins with."""
        kept = None if viewer.pk is None else cls.objects.filter(person=viewer.pk).first()
        return kept or cls(person_id=viewer.pk)
