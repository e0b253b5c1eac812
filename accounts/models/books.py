"""Double entry in whole minor units. Credits and money are written only through `accounts.books`."""

from django.db import models


class BookAccount(models.Model):
    """One account of the books, e.g. `credits:user:7:available` in `CRD` or `money:order:…` in `EUR`."""

    code = models.CharField(max_length=120)
    currency = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "currency"], name="book_account_once")]


class BookTransaction(models.Model):
    """A set of postings that sums to zero; `reference` makes writing it twice harmless."""

    reference = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()


class BookPosting(models.Model):
    transaction = models.ForeignKey(BookTransaction, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(BookAccount, on_delete=models.PROTECT, related_name="postings")
    amount = models.BigIntegerField()
