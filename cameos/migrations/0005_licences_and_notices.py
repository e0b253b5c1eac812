"""Prices and licences, uses hidden for a while, and when an owner was told of a use."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def told_before(apps, schema_editor):
    """What stood before is no news."""
    uses = apps.get_model("cameos", "LikenessUse").objects.filter(told_at=None)
    uses.update(told_at=models.F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("cameos", "0004_never_me"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="likenessuse",
            name="told_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="ending",
            name="reason",
            field=models.CharField(
                choices=[
                    ("revoked", "Revoked"),
                    ("frozen", "Frozen"),
                    ("blocked", "Blocked"),
                    ("narrowed", "Narrowed"),
                    ("deleted", "Deleted"),
                    ("declined", "Declined"),
                    ("timed_out", "Timed Out"),
                    ("show_until", "Show Until"),
                    ("erased", "Erased"),
                    ("repaired", "Repaired"),
                    ("refunded", "Refunded"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="likenessuse",
            name="approval",
            field=models.CharField(
                choices=[
                    ("not_needed", "Not Needed"),
                    ("waiting", "Waiting"),
                    ("approved", "Approved"),
                    ("declined", "Declined"),
                    ("hidden", "Hidden"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Licence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("words", models.CharField(blank=True, max_length=500)),
                ("clip_count", models.PositiveIntegerField()),
                ("clips_taken", models.PositiveIntegerField(default=0)),
                ("fee", models.PositiveBigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("share_bp", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("accepted", "Accepted"),
                            ("active", "Active"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed"),
                            ("ended", "Ended"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("payment_reference", models.CharField(blank=True, max_length=120)),
                ("paid", models.PositiveBigIntegerField(default=0)),
                ("back", models.PositiveBigIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("paid_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "cameo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to="cameos.cameo",
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="permitrecord",
            name="licence",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="permits",
                to="cameos.licence",
            ),
        ),
        migrations.CreateModel(
            name="PriceCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fee", models.PositiveBigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("share_bp", models.PositiveIntegerField(default=0)),
                ("friends_free", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField()),
                (
                    "cameo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="cameos.cameo"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="licence",
            name="card",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="licences", to="cameos.pricecard"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_bp__lte", 10000)), name="price_share_at_most_all"
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                condition=models.Q(("clips_taken__lte", models.F("clip_count"))), name="licence_count_kept"
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                condition=models.Q(("back__lte", models.F("paid"))), name="licence_back_kept"
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("payment_reference", ""), _negated=True),
                fields=("payment_reference",),
                name="licence_payment_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["asked", "accepted"])),
                fields=("cameo", "requester"),
                name="licence_one_open_request",
            ),
        ),
        migrations.RunPython(told_before, migrations.RunPython.noop),
    ]
