#!/usr/bin/env python3
"""Compares a released table, cell by cell, with PostgreSQL's answer to the same question; both are CSV files.

    compare_released.py THRESHOLD KEYS EXPECTED RELEASED

The first KEYS columns name a row and the next one counts its persons. Rows are the same in the same order. In a row that
the gate hid every cell after the keys is empty. Each row of fewer persons than THRESHOLD must be hidden; besides, at most
as many others, which keep the small ones from being computed from their neighbours. Half the rows at least are released.
"""

import csv
import sys


def rows_of(path, width):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    # `care query` says beside a cell why it is empty: NAME_note.
    kept = [i for i, name in enumerate(header) if not name.endswith("_note")]
    if width and len(kept) != width:
        sys.exit(f"{path} has {len(kept)} columns, not {width}")
    return [header[i] for i in kept], [[row[i] for i in kept] for row in rows]


def main():
    threshold, keys = int(sys.argv[1]), int(sys.argv[2])
    header, expected = rows_of(sys.argv[3], 0)
    released_header, released = rows_of(sys.argv[4], len(header))
    if released_header != header or [row[:keys] for row in released] != [row[:keys] for row in expected]:
        sys.exit("the columns or the rows' keys differ")
    small = hidden_besides = 0
    for want, got in zip(expected, released):
        hidden = not any(got[keys:])
        if int(want[keys]) < threshold:
            small += 1
            if not hidden:
                sys.exit(f"the row {got} has too few persons to be released")
        elif hidden:
            hidden_besides += 1
        elif got != want:
            sys.exit(f"the row {got} is not {want}")
    if hidden_besides > small or 2 * (small + hidden_besides) > len(expected) or not expected:
        sys.exit(f"{small} and {hidden_besides} of {len(expected)} rows are hidden: too many")
    print(f"{len(expected) - small - hidden_besides} rows equal, {small + hidden_besides} hidden")


main()
