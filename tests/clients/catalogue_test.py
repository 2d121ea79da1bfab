#!/usr/bin/env python3
"""What stock clients ask of pg_catalog and information_schema, compared with PostgreSQL.

Method: statements/CLIENT.sql holds statements as that client sends them, with `{oid:TABLE}` where a client wrote the
number of a table that it had looked up. Each runs here and on a PostgreSQL 15 of our own that has the same schemas,
tables, keys and views, made from the same federation file; rows must be equal, cell by cell and in order. Numbers of
objects differ between servers and are not compared. A heading `-- NAME: runs (REASON)` asks only that the statement
runs, because its answer is about the server and not about the federation.

The statements of psql and psycopg2 must all give PostgreSQL's rows. The others' must run, but for REFUSED; those whose rows
differ, by what a server has beside the federation's tables, are counted, and listed if CARE_LIST is set.
"""
import glob
import os
import pwd
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import unittest

import psycopg2

from federation import Federation

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.environ.get("CARE_POSTGRESQL_BIN", "/usr/lib/postgresql/15/bin")
REQUIRED = ("psql", "psycopg2")
REFUSED = {
    ("jdbc", "product"),  # getSQLKeywords
    ("odbc", "SQLForeignKeys"),  # a name that SQLite looks for outside the join's parentheses, too
    ("odbc", "SQLForeignKeys f"),
    # What a driver sends when it has prepared a statement or set a savepoint before.
    ("odbc", "connect"), ("odbc", "select params"), ("odbc", "odbc escapes"), ("odbc", "error"),
}
OID_TYPES = {24, 26, 2205, 1028, 30}


class Postgres:
    """A server in a temporary directory with the federation's tables, empty."""

    def __init__(self, federation_file):
        self.directory = tempfile.TemporaryDirectory(prefix="care-pg-", dir="/tmp")
        self.user = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.directory.name, entry.pw_uid, entry.pw_gid)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        data = os.path.join(self.directory.name, "data")
        subprocess.run([f"{PROGRAMS}/initdb", "-D", data, "-A", "trust", "-U", "federation", "--no-sync", "--locale=C", "-E", "UTF8"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)
        self.server = subprocess.Popen([f"{PROGRAMS}/postgres", "-D", data, "-k", self.directory.name, "-c", "listen_addresses=",
                                        "-c", "fsync=off"], stderr=subprocess.DEVNULL, cwd="/", **self.user)
        with open(federation_file, "rb") as file:
            self.federation = tomllib.load(file)
        self.connection = self._connect("postgres")
        self._execute(f'CREATE DATABASE "{self.federation["name"]}"')
        self.connection.close()
        self.connection = self._connect(self.federation["name"])
        for statement in self._ddl():
            self._execute(statement)

    def _connect(self, database):
        for _ in range(600):
            try:
                connection = psycopg2.connect(host=self.directory.name, user="federation", dbname=database)
                connection.autocommit = True
                return connection
            except psycopg2.OperationalError:
                time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start")

    def _execute(self, statement):
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def search_path(self):
        """A table is found by its own name, as it is in a query here."""
        return "SET search_path = public, " + ", ".join(party["name"] for party in self.federation["party"])

    def _ddl(self):
        for party in self.federation["party"]:
            yield f'CREATE ROLE {party["name"]}'
            yield f'CREATE SCHEMA {party["name"]} AUTHORIZATION {party["name"]}'
        yield "ALTER SCHEMA public OWNER TO federation"
        yield self.search_path()
        for table in self.federation["table"]:
            columns = [f'{c["name"]} {c["type"]}' + ("" if c.get("nullable", True) else " NOT NULL") for c in table["column"]]
            if "primary_key" in table:
                columns.append(f'PRIMARY KEY ({", ".join(table["primary_key"])})')
            columns += [f'UNIQUE ({", ".join(key)})' for key in table.get("unique", [])]
            yield f'CREATE TABLE {table["name"]} ({", ".join(columns)})'
            yield f'ALTER TABLE {table["name"]} OWNER TO {table["name"].split(".")[0]}'
        for view in self.federation.get("view", []):
            yield f'CREATE VIEW public.{view["name"]} AS {view["sql"]}'

    def comment_as(self, connection):
        """The comments of tables and columns, so that both have the same: they are no part of what is compared."""
        with connection.cursor() as cursor:
            cursor.execute("select n.nspname, c.relname, a.attname, d.description from pg_description d "
                           "join pg_class c on c.oid = d.objoid join pg_namespace n on n.oid = c.relnamespace "
                           "left join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0")
            rows = cursor.fetchall()
        for schema, table, column, text in rows:
            target = f"TABLE {schema}.{table}" if column is None else f"COLUMN {schema}.{table}.{column}"
            with self.connection.cursor() as cursor:
                cursor.execute(f"COMMENT ON {target} IS %s", (text,))

    def stop(self):
        self.connection.close()
        self.server.terminate()
        self.server.wait(60)
        self.directory.cleanup()


def statements_of(path):
    """[(heading, must be equal, sql)]"""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = []
    for part in text.split(";;\n"):
        heading, _, sql = part.strip().partition("\n")
        if sql:
            name, _, remark = heading.removeprefix("-- ").partition(": runs")
            found.append((name, not remark, sql))
    return found


def with_oids(sql, connection):
    def oid(match):
        with connection.cursor() as cursor:
            cursor.execute(f"select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                           f"where n.nspname || '.' || c.relname = '{match.group(1)}'")
            return str(cursor.fetchone()[0])

    return re.sub(r"\{oid:([^}]+)\}", oid, sql)


def run(connection, sql):
    """Column names and rows of text, or None for a statement without rows."""
    with connection.cursor() as cursor:
        cursor.execute(with_oids(sql, connection))
        if cursor.description is None:
            return None
        names = [column.name for column in cursor.description]
        numbers = {i for i, column in enumerate(cursor.description) if column.type_code in OID_TYPES}
        return names, cursor.fetchall(), numbers


def without_numbers(ours, theirs):
    """Both without the cells that number objects, by the types of either."""
    hidden = ours[2] | theirs[2]
    return tuple((names, [["(number)" if i in hidden and cell is not None else cell for i, cell in enumerate(row)] for row in rows])
                 for names, rows, _ in (ours, theirs))


class Catalogue(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation()
        cls.postgres = Postgres(os.path.join(cls.federation.data, "federation.toml"))
        cls.connection = None

    @classmethod
    def tearDownClass(cls):
        cls.connection.close()
        cls.postgres.stop()
        cls.federation.stop()

    def start_sessions(self):
        first = self.connection is None
        if not first:
            self.connection.close()
        type(self).connection = psycopg2.connect(self.federation.conninfo, password=self.federation.password)
        self.connection.autocommit = True
        if first:
            self.postgres.comment_as(self.connection)
        with self.postgres.connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
            cursor.execute("DISCARD ALL")
            cursor.execute(self.postgres.search_path())

    def compare(self, sql, must_be_equal):
        """What differs, or an empty text."""
        try:
            ours = run(self.connection, sql)
        except psycopg2.Error as error:
            with self.connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
            return f"error {error.pgcode} {error.diag.message_primary}"
        if not must_be_equal:
            return ""
        try:
            theirs = run(self.postgres.connection, sql)
        except psycopg2.Error as error:
            return f"PostgreSQL says {error.diag.message_primary}"
        if ours is not None and theirs is not None:
            ours, theirs = without_numbers(ours, theirs)
        if ours is not None and theirs is not None and "order by" not in sql.lower():
            ours, theirs = ((names, sorted(rows, key=str)) for names, rows in (ours, theirs))
        if ours != theirs:
            return f"\n      here       {ours}\n      PostgreSQL {theirs}"
        return ""

    def test_statements_of_stock_clients(self):
        for path in sorted(glob.glob(os.path.join(HERE, "statements", "*.sql"))):
            client = os.path.basename(path).removesuffix(".sql")
            statements = statements_of(path)
            self.assertTrue(statements)
            failed, refused = [], []
            self.start_sessions()
            for number, (name, must_be_equal, sql) in enumerate(statements):
                difference = self.compare(sql, must_be_equal)
                if difference:
                    failed.append(f"  {client} {number + 1} ({name}): {difference}")
                    if difference.startswith("error ") and (client, name) not in REFUSED:
                        refused.append(failed[-1])
            print(f"{client}: {len(statements) - len(failed)} of {len(statements)} statements", file=sys.stderr)
            if client in REQUIRED:
                with self.subTest(client=client):
                    self.assertEqual(failed, [], "\n" + "\n".join(failed))
                continue
            with self.subTest(client=client):
                self.assertEqual(refused, [], "\n" + "\n".join(refused))
            if "CARE_LIST" in os.environ:
                print("\n".join(failed), file=sys.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
