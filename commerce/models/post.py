"""What a post costs: to see it, or to use it in clips of one's own."""

from django.db import models


class PostPrice(models.Model):
    """The price by now; what was paid stands on each order."""

    class Use(models.TextChoices):
        SEE = "see"  # a paid episode
        BROLL = "broll"  # a licence to cut it into one's own clips; may be nothing

    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="prices")
    use = models.CharField(max_length=5, choices=Use.choices)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "use"], name="post_price_once")]
