"""A migration operation that makes the database itself refuse UPDATE and DELETE on a table.

Every such trigger is named `append_only_<table>_<verb>`, on SQLite and PostgreSQL alike: tests find them by
that name when they empty the tables between two tests.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

SQLITE = """CREATE TRIGGER "append_only_{table}_{verb}" BEFORE {verb} ON "{table}"
BEGIN SELECT RAISE(ABORT, 'append only: {table}'); END"""

POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"""

POSTGRES = """CREATE TRIGGER "append_only_{table}_{verb}" BEFORE {verb} ON "{table}"
FOR EACH ROW EXECUTE FUNCTION append_only_refuse()"""


class AppendOnly(Operation):
    """`AppendOnly("cameos_ledgerentry")` in a migration's operations. Raises IntegrityError on UPDATE and
    DELETE from then on.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.table], {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models don't change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        vendor = schema_editor.connection.vendor
        if vendor == "postgresql":
            schema_editor.execute(POSTGRES_FUNCTION, params=None)  # its % is no placeholder
        template = POSTGRES if vendor == "postgresql" else SQLITE
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(template.format(table=self.table, verb=verb))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        on = f' ON "{self.table}"' if schema_editor.connection.vendor == "postgresql" else ""
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "append_only_{self.table}_{verb}"{on}')

    def describe(self) -> str:
        return f"Refuse UPDATE and DELETE on {self.table}"
