"""Looks into a relay's ledger, and does to it what a test needs. Prints JSON.

    calls LEDGER                        every call: its id, its state, the provider's id
    leaf LEDGER CALL                    the leaf of a settled call
    replace LEDGER CALL LEAF CHARGE     puts another leaf, with its charge, in its place
    stick LEDGER                        keeps every call that is reserved from becoming anything else
    unstick LEDGER                      lets them go on
"""

import json
import sqlite3
import sys


def calls(ledger: sqlite3.Connection) -> None:
    rows = ledger.execute("SELECT lower(hex(call_id)), state, provider_id FROM calls")
    names = ("call", "state", "provider")
    show([dict(zip(names, (f"0x{call}", *others))) for call, *others in rows])


def leaf(ledger: sqlite3.Connection, call: str) -> None:
    row = ledger.execute("SELECT leaf FROM calls WHERE call_id = ?", (unhex(call),)).fetchone()
    show(f"0x{row[0].hex()}")


def replace(ledger: sqlite3.Connection, call: str, changed: str, charge: str) -> None:
    done = ledger.execute(
        "UPDATE calls SET leaf = ?, held = ?, reserved = max(reserved, ?) WHERE call_id = ?",
        (unhex(changed), int(charge), int(charge), unhex(call)),
    )
    show(done.rowcount)


def stick(ledger: sqlite3.Connection) -> None:
    ledger.execute(
        """CREATE TRIGGER sticky BEFORE UPDATE OF state ON calls WHEN old.state = 'RESERVED'
        BEGIN SELECT RAISE(ABORT, 'stuck by a test'); END"""
    )
    show(True)


def unstick(ledger: sqlite3.Connection) -> None:
    ledger.execute("DROP TRIGGER sticky")
    show(True)


def show(value: object) -> None:
    print(json.dumps(value), flush=True)


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def main(task: str, path: str, *arguments: str) -> None:
    # Without a transaction of its own around statements.
    ledger = sqlite3.connect(path, isolation_level=None)
    tasks = (calls, leaf, replace, stick, unstick)
    {known.__name__: known for known in tasks}[task](ledger, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
