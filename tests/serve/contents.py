# SPDX-License-Identifier: GPL-2.0-only
"""What a store holds, so that two can be compared, and whether it is sound."""
import hashlib

# What differs from run to run, and what hangs under what.
MOMENTS = {"id", "trace", "replay", "made_at", "imported_at", "first_seen", "last_seen", "host"}


def tables(base):
    return [name for name, in base.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]


def columns(base, table):
    return [row[1] for row in base.execute(f"PRAGMA table_info({table})")]


def digest(base, trace, spared=()):
    """Each table of a trace: how many rows, and a hash over all that does not tell one run from another; without the
    tables in `spared`."""
    found = {}
    for table in tables(base):
        names = columns(base, table)
        if table in spared:
            continue
        if "replay" in names:
            owned = "replay IN (SELECT id FROM replay WHERE trace = ?)"
        elif "trace" in names:
            owned = "trace = ?"
        elif table == "trace":
            owned = "id = ?"
        else:
            continue
        shown = ", ".join(name for name in names if name not in MOMENTS)
        rows = base.execute(f"SELECT {shown} FROM {table} WHERE {owned} ORDER BY {shown}", (trace,)).fetchall()
        found[table] = (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
    return found


def unsound(base):
    """What is wrong with the file, or None."""
    answer = [row[0] for row in base.execute("PRAGMA integrity_check")]
    if answer != ["ok"]:
        return f"integrity_check says {answer[:3]}"
    answer = base.execute("PRAGMA foreign_key_check").fetchall()
    return f"foreign_key_check says {answer[:3]}" if answer != [] else None
