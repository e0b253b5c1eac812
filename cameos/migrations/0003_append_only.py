"""The ledger and its daily heads refuse UPDATE and DELETE. (What uses keep is in `cameos/promises.py`.)"""

from django.db import migrations

from accounts.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("cameos", "0002_initial"), ("accounts", "0001_initial")]

    operations = [AppendOnly("cameos_ledgerentry"), AppendOnly("cameos_ledgerhead")]
