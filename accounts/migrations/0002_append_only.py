"""The books and the moderators' record refuse UPDATE and DELETE; PostgreSQL also refuses to commit an unbalanced transaction."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.append_only import AppendOnly

BALANCE = """
CREATE FUNCTION accounts_books_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT SUM(amount) FROM accounts_bookposting WHERE transaction_id = NEW.transaction_id) <> 0 THEN
    RAISE EXCEPTION 'the postings of a transaction sum to zero' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_books_balance AFTER INSERT ON accounts_bookposting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_books_balance();
"""


def balance(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite has no deferred triggers; there `books.post` alone keeps the sum, and `books.unbalanced` proves it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BALANCE)


def unbalance(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER accounts_books_balance ON accounts_bookposting")
        schema_editor.execute("DROP FUNCTION accounts_books_balance()")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        AppendOnly("accounts_booktransaction"),
        AppendOnly("accounts_bookposting"),
        AppendOnly("accounts_caseevent"),
        migrations.RunPython(balance, unbalance),
    ]
