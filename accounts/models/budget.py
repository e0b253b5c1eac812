"""A budget that the operator changed from the usual."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Budget(models.Model):
    """How often somebody may do one thing here; without a row the usual holds (`throttle.BUDGETS`)."""

    name = models.CharField(_("Budget"), max_length=40, unique=True)
    most = models.PositiveIntegerField(
        _("How often"), validators=[MinValueValidator(1), MaxValueValidator(10_000_000)]
    )
    seconds = models.PositiveIntegerField(
        _("In how many seconds"), validators=[MinValueValidator(10), MaxValueValidator(31 * 86400)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(most__gte=1, seconds__gte=10), name="budget_lets_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.name
