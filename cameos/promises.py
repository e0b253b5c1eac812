"""What the database itself keeps about uses, whatever code runs above it.

    a clip has at most as many uses as its `cast_count` (with fewer, the likeness rule hides it)
    nothing leaves ENDED; a use stays with its clip and its cameo; no use is deleted
    `cast_count` never shrinks, and stays as it is once uses are written

These triggers speak of two tables, and SQLite cannot rebuild a table that a trigger elsewhere names. So they
are taken away before migrations run and put back after them, by Django's own signals, instead of standing in
one migration.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

USES, CLIPS = "cameos_likenessuse", "generation_clip"
# The name of the one against DELETE is how tests find what to lift when they empty the tables.
NAMES = ("use_within_cast", "use_keeps_state", f"append_only_{USES}_DELETE", "clip_keeps_cast_count")

_CHANGED = """(OLD.state = 'ended' AND NEW.state <> 'ended')
 OR NEW.clip_id <> OLD.clip_id OR NEW.cameo_id <> OLD.cameo_id"""
_RECAST = f"""NEW.cast_count < OLD.cast_count OR (NEW.cast_count <> OLD.cast_count
 AND EXISTS (SELECT 1 FROM {USES} WHERE clip_id = OLD.id))"""  # our own table  # nosec B608

SQLITE = [
    f"""CREATE TRIGGER use_within_cast BEFORE INSERT ON {USES}
WHEN (SELECT COUNT(*) FROM {USES} WHERE clip_id = NEW.clip_id)
 >= (SELECT cast_count FROM {CLIPS} WHERE id = NEW.clip_id)
BEGIN SELECT RAISE(ABORT, 'a clip has no more uses than its cast_count'); END""",  # our own tables  # nosec B608
    f"""CREATE TRIGGER use_keeps_state BEFORE UPDATE ON {USES} WHEN {_CHANGED}
BEGIN SELECT RAISE(ABORT, 'nothing leaves ended, and a use stays where it is'); END""",
    f"""CREATE TRIGGER append_only_{USES}_DELETE BEFORE DELETE ON {USES}
BEGIN SELECT RAISE(ABORT, 'uses are ended, not deleted'); END""",
    f"""CREATE TRIGGER clip_keeps_cast_count BEFORE UPDATE OF cast_count ON {CLIPS} WHEN {_RECAST}
BEGIN SELECT RAISE(ABORT, 'cast_count stays'); END""",
]

POSTGRES = [
    f"""CREATE OR REPLACE FUNCTION cameos_use_within_cast() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE most integer;
BEGIN
  SELECT cast_count INTO most FROM {CLIPS} WHERE id = NEW.clip_id FOR UPDATE;
  IF (SELECT COUNT(*) FROM {USES} WHERE clip_id = NEW.clip_id) >= most THEN
    RAISE EXCEPTION 'a clip has no more uses than its cast_count' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$""",  # our own table  # nosec B608
    """CREATE OR REPLACE FUNCTION cameos_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused: %', TG_NAME USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE TRIGGER use_within_cast BEFORE INSERT ON {USES}
FOR EACH ROW EXECUTE FUNCTION cameos_use_within_cast()""",
    f"""CREATE TRIGGER use_keeps_state BEFORE UPDATE ON {USES} FOR EACH ROW WHEN ({_CHANGED})
EXECUTE FUNCTION cameos_refuse_change()""",
    f"""CREATE TRIGGER "append_only_{USES}_DELETE" BEFORE DELETE ON {USES}
FOR EACH ROW EXECUTE FUNCTION cameos_refuse_change()""",
    f"""CREATE OR REPLACE FUNCTION cameos_cast_count_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_RECAST} THEN
    RAISE EXCEPTION 'cast_count stays' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$""",
    f"""CREATE TRIGGER clip_keeps_cast_count BEFORE UPDATE OF cast_count ON {CLIPS}
FOR EACH ROW EXECUTE FUNCTION cameos_cast_count_stays()""",
]


def lift(sender: Any = None, using: str = "default", **more: Any) -> None:
    """Take the triggers away, where they are."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name in NAMES:
            table = CLIPS if name == "clip_keeps_cast_count" else USES
            if connection.vendor != "postgresql":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
            elif table in tables:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON {table}')


def put_back(sender: Any = None, using: str = "default", **more: Any) -> None:
    """Put the triggers in place, where the tables are. Doing it twice does no harm."""
    connection = connections[using]
    if not _has_tables(connection):
        return
    lift(using=using)
    with connection.cursor() as cursor:
        for statement in POSTGRES if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def _has_tables(connection: BaseDatabaseWrapper) -> bool:
    return {USES, CLIPS} <= set(connection.introspection.table_names())
