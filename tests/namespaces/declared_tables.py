#!/usr/bin/env python3
"""The tables of a federation file as PostgreSQL's CREATE TABLE, for a reference: keys and NOT NULL are checked there.

    declared_tables.py federation.toml
"""

import sys
import tomllib


def main():
    with open(sys.argv[1], "rb") as file:
        tables = tomllib.load(file)["table"]
    for schema in dict.fromkeys(table["name"].split(".")[0] for table in tables):
        print(f"CREATE SCHEMA {schema};")
    for table in tables:
        lines = []
        for column in table["column"]:
            collation = ' COLLATE "C"' if column["type"] == "text" else ""
            required = "" if column.get("nullable", True) else " NOT NULL"
            lines.append(f'{column["name"]} {column["type"]}{collation}{required}')
        if "primary_key" in table:
            lines.append(f'PRIMARY KEY ({", ".join(table["primary_key"])})')
        print(f'CREATE TABLE {table["name"]} ({", ".join(lines)});')


main()
