#!/usr/bin/env python3
"""The stock clients against real nodes: psql and psycopg2 ask a federation of three nodes over TLS.

Method: `care demo --up` starts three nodes with few rows. What psql and psycopg2 get is compared with what
`care query` prints for the same question, which other tests compare with PostgreSQL. A query that must be caught
while it runs is held by stopping the process of another party's node, so nothing depends on how fast it is.
"""
import contextlib
import csv
import io
import json
import os
import pty
import select
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import unittest

import psycopg2
import psycopg2.extensions

from federation import CARE, Federation, text_of

QUESTION = "SELECT education, uses_app, COUNT(*) AS patients FROM patient_care GROUP BY education, uses_app ORDER BY education, uses_app"
FEDERATION = None


def setUpModule():
    global FEDERATION
    FEDERATION = Federation()


def tearDownModule():
    FEDERATION.stop()


def wait_until(condition, what):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


PARTIES = ["hospital", "insurer", "bureau"]
OVER_TABLES = "SELECT sex, COUNT(DISTINCT education) AS levels FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn GROUP BY sex"


def ledger(party):
    """The SQL of each entry, in order."""
    files = [os.path.join(folder, "ledger.sqlite") for folder, _, names in os.walk(FEDERATION.data) if "ledger.sqlite" in names]
    [path] = [file for file in files if party in os.path.basename(os.path.dirname(file))]
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [sql for (sql,) in database.execute("SELECT sql FROM ledger ORDER BY sequence")]


def explained(sql):
    """What EXPLAIN with FORMAT JSON gives: one value."""
    with contextlib.closing(psycopg2.connect(FEDERATION.conninfo, password=FEDERATION.password)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            [[text]] = cursor.fetchall()
            return json.loads(text)


def expected_rows(sql):
    """care query's CSV without the columns that explain suppressed cells, which are NULL for PostgreSQL's clients."""
    rows = list(csv.reader(io.StringIO(FEDERATION.care_query(sql))))
    keep = [i for i, name in enumerate(rows[0]) if not name.endswith("_note")]
    return [[row[i] for i in keep] for row in rows]


class Strangers(unittest.TestCase):
    """Who does not log in takes no place of those who do, and is told nothing of who exists."""

    def address(self):
        parameters = psycopg2.extensions.parse_dsn(FEDERATION.conninfo)
        return parameters["host"], int(parameters["port"])

    def closed(self, connection):
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1) == b""

    def test_silent_connections_leave_room(self):
        held = [socket.create_connection(self.address()) for _ in range(150)]
        try:
            wait_until(lambda: all(self.closed(one) for one in held[:50]), "the oldest ones to be closed")
            code, out, err = FEDERATION.psql("-Atc", "select 1")
            self.assertEqual((code, out), (0, "1\n"), err)
            self.assertFalse(self.closed(held[-1]))
            self.assertIn("connections of SQL clients have not logged in", FEDERATION.log("hospital"))
        finally:
            for one in held:
                one.close()

    def test_the_secret_behind_made_up_salts_is_kept_for_the_owner_alone(self):
        kept = [os.path.join(folder, "sql-secret") for folder, _, files in os.walk(FEDERATION.data) if "sql-secret" in files]
        self.assertEqual(len(kept), 3)  # one for each node that listens for SQL clients
        secrets = set()
        for path in kept:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with open(path, "rb") as file:
                secrets.add(file.read())
        self.assertEqual({len(secret) for secret in secrets}, {32})
        self.assertEqual(len(secrets), 3)


class Psql(unittest.TestCase):
    def test_answers_as_care_query_does(self):
        code, out, err = FEDERATION.psql("--csv", "-c", QUESTION)
        self.assertEqual(code, 0, err)
        self.assertEqual(list(csv.reader(io.StringIO(out))), expected_rows(QUESTION))
        self.assertIn("suppressed: fewer than 10 persons", err)

    def test_numbers_print_as_care_query_prints_them(self):
        sql = "SELECT policy, SUM(amount) AS total, AVG(amount) AS mean FROM insurer.claims c JOIN insurer.insured i ON i.bsn = c.bsn GROUP BY policy ORDER BY policy"
        code, out, err = FEDERATION.psql("--csv", "-c", sql)
        self.assertEqual(code, 0, err)
        self.assertEqual(list(csv.reader(io.StringIO(out))), expected_rows(sql))

    def test_the_connection_is_encrypted(self):
        _, out, _ = FEDERATION.psql("-c", r"\conninfo")
        self.assertIn("TLSv1.3", out)

    def test_tls_1_2_with_an_aead_suite(self):
        code, out, err = FEDERATION.psql("-c", r"\conninfo", conninfo=FEDERATION.conninfo + " ssl_max_protocol_version=TLSv1.2")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, "TLSv1.2.*(GCM|POLY1305)")

    def test_channel_binding(self):
        code, out, err = FEDERATION.psql("-Atc", "select 1", conninfo=FEDERATION.conninfo + " channel_binding=require")
        self.assertEqual((code, out), (0, "1\n"), err)

    def test_a_plain_connection_is_refused(self):
        code, _, err = FEDERATION.psql("-c", "select 1", conninfo=FEDERATION.conninfo.replace("sslmode=verify-ca", "sslmode=disable"))
        self.assertEqual(code, 2)
        self.assertIn("accepts encrypted connections only", err)

    def test_a_wrong_password_and_an_unknown_user_fail_alike(self):
        code, _, wrong = FEDERATION.psql("-c", "select 1", password="not this one")
        self.assertEqual(code, 2)
        self.assertIn('password authentication failed for user "analyst"', wrong)
        _, _, unknown = FEDERATION.psql("-c", "select 1", conninfo=FEDERATION.conninfo.replace("user=analyst", "user=nobody"))
        self.assertEqual(unknown, wrong.replace('"analyst"', '"nobody"'))

    def test_users_come_and_go_while_the_node_runs(self):
        def user(*arguments, **more):
            return subprocess.run([CARE, "user", *arguments, "--node", FEDERATION.node_file], text=True, capture_output=True, **more)

        self.assertEqual(user("add", "anna", input="a secret of hers\n").returncode, 0)
        users_file = os.path.join(FEDERATION.data, "hospital.users.toml")
        self.assertEqual(os.stat(users_file).st_mode & 0o777, 0o600)
        with open(users_file, encoding="utf-8") as file:
            self.assertNotIn("a secret of hers", file.read())
        self.assertEqual(user("list").stdout, "analyst\nanna\n")
        conninfo = FEDERATION.conninfo.replace("user=analyst", "user=anna")
        code, out, err = FEDERATION.psql("-Atc", "select current_user", conninfo=conninfo, password="a secret of hers")
        self.assertEqual((code, out), (0, "anna\n"), err)
        self.assertEqual(user("remove", "anna").returncode, 0)
        code, _, _ = FEDERATION.psql("-c", "select 1", conninfo=conninfo, password="a secret of hers")
        self.assertEqual(code, 2)

    def test_an_error_points_at_its_place(self):
        _, _, err = FEDERATION.psql("-c", r"\set VERBOSITY verbose", "-c", "SELECT educatoin, COUNT(*)\nFROM patient_care GROUP BY educatoin")
        lines = err.splitlines()
        self.assertRegex(lines[0], r'ERROR:  42703: column "educatoin" does not exist')
        self.assertEqual(lines[1:3], ["LINE 1: SELECT educatoin, COUNT(*)", "               ^"])
        self.assertIn('HINT:  did you mean "education"?', err)

    def test_rows_are_refused_with_a_hint(self):
        _, _, err = FEDERATION.psql("-c", r"\set VERBOSITY verbose", "-c", "SELECT * FROM hospital.patients LIMIT 1000")
        self.assertIn("ERROR:  42501: a row of a base table never leaves its owner", err)
        self.assertIn("HINT:", err)

    def test_several_statements_in_one_message(self):
        code, out, err = FEDERATION.psql("-At", "-c", "select 1; SELECT COUNT(*) FROM hospital.patients; select 'three'")
        self.assertEqual(code, 0, err)
        self.assertEqual(out.split(), ["1", "400", "three"])
        code, out, err = FEDERATION.psql("-At", "-c", "select 1; SELECT COUNT(*) FROM nowhere.table; select 'three'")
        self.assertEqual((code, out.split()), (1, ["1"]))

    def test_describes_tables(self):
        for command, words in [
            (r"\d", ["hospital | patients     | table | hospital", "public   | patient_care | view  | federation"]),
            (r"\dt", ["insurer  | claims"]),
            (r"\dv", ["patient_care"]),
            (r"\dn", ["hospital", "insurer", "bureau", "public"]),
            (r"\l", ["ibd-coaching", "UTF8"]),
            (r"\du", ["hospital", "federation"]),
            (r"\d hospital.patients", ["bsn        | text    |           | not null", "uses_app   | boolean", 'PRIMARY KEY, btree (bsn)']),
            (r"\d+ insurer.claims", ["numeric(12,2)", "joins with columns of the key bsn"]),
            (r"\d patient_care", ['View "public.patient_care"', "education", "birth_year | integer"]),
            (r"\df", ["Result data type"]),
            (r"\dp", ["Access privileges"]),
            (r"\di", ["patients_pkey"]),
        ]:
            code, out, err = FEDERATION.psql("-c", command)
            self.assertEqual((code, err), (0, ""), command)
            for word in words:
                self.assertIn(word, out, command)

    def test_gdesc_does_not_run_the_query(self):
        before = FEDERATION.log("hospital").count("asked by analyst")
        code, out, err = FEDERATION.psql("-At", stdin=QUESTION + " \\gdesc\n")
        self.assertEqual((code, out), (0, "education|text\nuses_app|boolean\npatients|bigint\n"), err)
        self.assertEqual(FEDERATION.log("hospital").count("asked by analyst"), before)

    def test_fetch_count_reads_through_a_cursor(self):
        code, out, err = FEDERATION.psql("--csv", "-v", "FETCH_COUNT=2", "-c", QUESTION)
        self.assertEqual(code, 0, err)
        self.assertEqual(list(csv.reader(io.StringIO(out))), expected_rows(QUESTION))

    def test_explain_is_rows_of_text(self):
        code, out, err = FEDERATION.psql("-c", "EXPLAIN " + QUESTION)
        self.assertEqual(code, 0, err)
        self.assertIn("QUERY PLAN", out)
        self.assertIn("Leakage report", out)

    def test_explain_as_json_is_one_row(self):
        plan = explained("EXPLAIN (FORMAT JSON) " + QUESTION)
        self.assertEqual(plan["recipient"], "hospital")
        self.assertNotIn("measured", plan)
        self.assertFalse([node for node in plan["nodes"] if "measured" in node])

    def test_explain_analyze_is_a_question_like_any_other(self):
        """A star and a plan over shared tables: what moves is what was expected, the ledgers have it, the answer is not shown."""
        for sql in [QUESTION, OVER_TABLES]:
            with self.subTest(sql):
                before = [len(ledger(party)) for party in PARTIES]
                plan = explained("EXPLAIN (ANALYZE, FORMAT JSON) " + sql)
                for party, entries in zip(PARTIES, before):
                    self.assertEqual(len(ledger(party)), entries + 1, party)
                    self.assertEqual(ledger(party)[-1], "EXPLAIN (ANALYZE, FORMAT JSON) " + sql)
                measured = plan.pop("measured")
                self.assertEqual(set(measured), {"bytes", "bytes_beside_the_plan", "bytes_sent", "rounds", "microseconds"})
                self.assertEqual(list(measured["bytes_sent"]), sorted(PARTIES))
                self.assertEqual(measured["bytes"], sum(measured["bytes_sent"].values()))
                of_nodes = 0
                for node in plan["nodes"]:
                    moved = node.pop("measured", None)
                    self.assertEqual(moved is not None, node["where"] == "joint", node)
                    if moved is None:
                        continue
                    self.assertEqual(set(moved), {"rounds", "bytes"})
                    of_nodes += moved["bytes"]
                    # A sort's comparisons follow from a secret shuffle, a gate from the threshold.
                    if node["operation"] == "gate" or "sort" in node["operation"]:
                        self.assertAlmostEqual(moved["bytes"] / node["bytes"], 1, delta=0.5, msg=node)
                    else:
                        self.assertEqual(moved["bytes"], node["bytes"], node)
                self.assertEqual(measured["bytes_beside_the_plan"], measured["bytes"] - of_nodes)
                # Nothing else differs from what EXPLAIN says, so nothing of the answer can be there.
                self.assertEqual(plan.pop("sql"), "EXPLAIN (ANALYZE, FORMAT JSON) " + sql)
                plain = explained("EXPLAIN (FORMAT JSON) " + sql)
                plain.pop("sql")
                self.assertEqual(plan, plain)

    def test_explain_analyze_as_text(self):
        code, out, err = FEDERATION.psql("-At", "-c", "EXPLAIN ANALYZE " + QUESTION)
        self.assertEqual(code, 0, err)
        self.assertNotIn("suppressed", err)  # which is of the answer
        self.assertRegex(out, "plan +where +slots +rounds +measured +data +measured")
        self.assertRegex(out, r"Measured: .* between all parties, .* rounds, .* from the agreement to the answer\n"
                              r"  sent by bureau .*, hospital .*, insurer .*\n")
        by_command = subprocess.run([CARE, "explain", "--analyze", "--node", FEDERATION.node_file, "-q", QUESTION], text=True,
                                    capture_output=True, timeout=300)
        self.assertEqual(by_command.returncode, 0, by_command.stderr)
        # The same figures: all but the times, and digests over a text that has no EXPLAIN.
        tree = out[out.index("  plan "):out.index("What each owner")] if "  plan " in out else out[:out.index("What each owner")]
        self.assertIn(tree, by_command.stdout)

    def test_explain_analyze_is_refused_as_the_query_is(self):
        before = len(ledger("hospital"))
        code, _, err = FEDERATION.psql("-c", "EXPLAIN ANALYZE SELECT bsn FROM hospital.patients")
        self.assertEqual(code, 1)
        self.assertIn("never leaves its owner", err)
        self.assertEqual(len(ledger("hospital")), before)

    def test_show_lists_what_the_federation_file_has(self):
        before = len(ledger("hospital"))
        code, out, err = FEDERATION.psql("-At", "-c", "SHOW TABLES", "-c", "SHOW COLUMNS FROM hospital.patients", "-c",
                                         "SHOW POLICY FOR hospital.patients")
        self.assertEqual(code, 0, err)
        self.assertIn("hospital.patients|table|hospital|400|persons\n", out)
        self.assertIn("patient_care|view|||\n", out)
        self.assertRegex(out, r"uses_app\|boolean\|f\|\|\n")
        self.assertIn("hospital.patients|bsn|join_key\n", out)
        self.assertIn("hospital.patients|table|hospital|400|persons\n", FEDERATION.care_query("SHOW TABLES").replace(",", "|"))
        self.assertEqual(len(ledger("hospital")), before)

    def test_parameters_on_the_command_line(self):
        def ask(sql, *values):
            given = [word for value in values for word in ("--parameter", value)]
            return subprocess.run([CARE, "query", "--node", FEDERATION.node_file, "--format", "csv", "-q", *given, sql], text=True,
                                  capture_output=True, timeout=300)

        sql = "SELECT COUNT(*) FROM hospital.patients WHERE sex = $1 AND index_date >= $2"
        done = ask(sql, "F", "2022-01-01")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, FEDERATION.care_query(sql.replace("$1", "'F'").replace("$2", "DATE '2022-01-01'")))
        # A value is only ever a value.
        injected = ask(sql, "F' OR 'a' = 'a", "2022-01-01")
        self.assertNotIn(done.stdout, injected.stdout)
        self.assertIn("there is no parameter $2", ask(sql, "F").stderr)

    def test_purpose_is_in_the_ledger_of_the_question(self):
        code, out, err = FEDERATION.psql("-At", "-c", "SET care.purpose = 'evaluation of the app'", "-c", "SHOW care.purpose", "-c", "SHOW purpose", "-c", "EXPLAIN " + QUESTION)
        self.assertEqual(code, 0, err)
        self.assertEqual(out.splitlines()[:3], ["SET", "evaluation of the app", "evaluation of the app"])
        self.assertIn("for evaluation of the app", out)
        code, out, _ = FEDERATION.psql("-Atc", "SHOW care.purpose", conninfo=FEDERATION.conninfo + r" options='-c care.purpose=quality\\ of\\ care'")
        self.assertEqual(out, "quality of care\n")

    def test_copy_is_refused_by_name(self):
        code, _, err = FEDERATION.psql("-c", r"\copy (select 1) to '/dev/null'")
        self.assertEqual(code, 1)
        self.assertIn("COPY is not supported", err)

    def test_the_transaction_shell(self):
        script = "BEGIN;\nselect broken from;\nselect 1;\nROLLBACK;\nselect 'after';\nBEGIN;\nSAVEPOINT a;\nselect nothing;\nROLLBACK TO a;\nselect 'inside';\nCOMMIT;\n"
        _, out, err = FEDERATION.psql("-Atq", stdin=script)
        self.assertEqual(out.split(), ["after", "inside"])
        self.assertIn("current transaction is aborted", err)

    def test_ctrl_c_ends_the_query_everywhere_and_keeps_the_session(self):
        with Terminal(["psql", "-X", "-At", FEDERATION.conninfo]) as terminal:
            terminal.send("select pg_backend_pid();\n")
            terminal.expect("=> ")
            with StoppedNode("insurer"):
                asked, ended = (FEDERATION.log("hospital").count(words) for words in ("asked by analyst", "asked, cancelled"))
                terminal.send(QUESTION + ";\n")
                wait_until(lambda: FEDERATION.log("hospital").count("asked by analyst") > asked, "the question")
                terminal.send("\x03")
                terminal.expect("ERROR:  canceling statement due to user request")
                wait_until(lambda: FEDERATION.log("hospital").count("asked, cancelled") > ended, "the end of the question")
            terminal.send("select 'still ' || 'here', pg_backend_pid();\n")
            terminal.expect("still here")
        code, out, err = FEDERATION.psql("-Atc", "SELECT COUNT(*) FROM patient_care")
        self.assertEqual(code, 0, err)

    def test_a_client_that_leaves_ends_its_query(self):
        with StoppedNode("insurer"):
            psql = subprocess.Popen(["psql", "-X", "-c", QUESTION, FEDERATION.conninfo], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, env=FEDERATION.environment())
            asked, ended = (FEDERATION.log("hospital").count(words) for words in ("asked by analyst", "asked, cancelled"))
            wait_until(lambda: FEDERATION.log("hospital").count("asked by analyst") > asked, "the question")
            psql.kill()
            psql.wait()
            wait_until(lambda: FEDERATION.log("hospital").count("asked, cancelled") > ended, "the end of the question")

    def test_two_sessions_at_once(self):
        asking = [subprocess.Popen(["psql", "-X", "--csv", "-c", QUESTION, FEDERATION.conninfo], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=FEDERATION.environment()) for _ in range(2)]
        answers = [one.communicate(timeout=300)[0] for one in asking]
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(list(csv.reader(io.StringIO(answers[0]))), expected_rows(QUESTION))


class Terminal:
    """A program at a terminal of its own, as an analyst has it: Ctrl-C is a key."""

    def __init__(self, arguments):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, FEDERATION.environment(TERM="dumb"))
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def send(self, keys):
        os.write(self.terminal, keys.encode())

    def expect(self, words):
        """Reads until the words were shown, and forgets what was shown up to them."""
        while words not in self.text:
            ready, _, _ = select.select([self.terminal], [], [], 60)
            if not ready:
                raise AssertionError(f"not shown: {words}; but: {self.text}")
            self.text += os.read(self.terminal, 4096).decode()
        self.text = self.text.split(words, 1)[1]


class StoppedNode:
    """A party's node that takes no part for a while: queries wait for it."""

    def __init__(self, party):
        self.pid = FEDERATION.node_pid(party)

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


class Psycopg2(unittest.TestCase):
    def setUp(self):
        self.connection = psycopg2.connect(FEDERATION.conninfo, password=FEDERATION.password)

    def tearDown(self):
        self.connection.close()

    def test_values_have_their_types(self):
        cursor = self.connection.cursor()
        cursor.execute("SELECT sex, COUNT(*) AS patients FROM hospital.patients GROUP BY sex ORDER BY sex")
        rows = cursor.fetchall()
        self.assertEqual([column.name for column in cursor.description], ["sex", "patients"])
        self.assertEqual([column.type_code for column in cursor.description], [25, 20])
        self.assertEqual(sum(row[1] for row in rows), 400)

    def test_parameters(self):
        cursor = self.connection.cursor()
        cursor.execute("SELECT COUNT(*) FROM bureau.persons WHERE birth_year > %s AND region <> %s", (1950, "o'tool"))
        answer = cursor.fetchone()[0]
        self.assertEqual(str(answer), expected_rows("SELECT COUNT(*) FROM bureau.persons WHERE birth_year > 1950")[1][0])

    def test_an_error_has_its_sqlstate_and_place(self):
        cursor = self.connection.cursor()
        with self.assertRaises(psycopg2.errors.UndefinedColumn) as raised:
            cursor.execute("SELECT COUNT(nothing)\n FROM hospital.patients")
        self.assertEqual(raised.exception.diag.statement_position, "14")
        with self.assertRaises(psycopg2.errors.InFailedSqlTransaction):
            cursor.execute("select 1")
        self.connection.rollback()
        cursor.execute("select 1")
        self.assertEqual(cursor.fetchone(), (1,))

    def test_named_cursor(self):
        with self.connection.cursor("rows") as cursor:
            cursor.itersize = 2
            cursor.execute(QUESTION)
            rows = list(cursor)
        self.assertEqual(len(rows) + 1, len(expected_rows(QUESTION)))

    def test_notices_tell_what_is_suppressed(self):
        self.connection.cursor().execute(QUESTION)
        self.assertTrue(any("suppressed" in notice for notice in self.connection.notices))

    def test_cancel(self):
        with StoppedNode("insurer"):
            asked = FEDERATION.log("hospital").count("asked by analyst")
            def cancel():
                wait_until(lambda: FEDERATION.log("hospital").count("asked by analyst") > asked, "the question")
                self.connection.cancel()

            thread = threading.Thread(target=cancel)
            thread.start()
            with self.assertRaises(psycopg2.errors.QueryCanceled):
                self.connection.cursor().execute(QUESTION)
            thread.join()


class ManyConnections(unittest.TestCase):
    def test_two_hundred_idle_connections(self):
        connections = [psycopg2.connect(FEDERATION.conninfo, password=FEDERATION.password) for _ in range(200)]
        try:
            for connection in connections[::50]:
                cursor = connection.cursor()
                cursor.execute("select count(*) from pg_catalog.pg_class")
                self.assertGreater(cursor.fetchone()[0], 5)
            status = text_of(f"/proc/{FEDERATION.node_pid('hospital')}/status")
            resident = int(status.split("VmRSS:")[1].split()[0])
            print(f"resident memory of the node with 200 idle connections: {resident / 1024:.1f} MB", file=sys.stderr)
            # Sanitizers keep memory of their own for every byte.
            if not os.environ.get("CARE_SANITIZER"):
                self.assertLess(resident, 100 * 1024)
        finally:
            for connection in connections:
                connection.close()


class Protocol(unittest.TestCase):
    """What no stock client sends: a node must answer or close, and go on."""

    def send(self, data):
        port = FEDERATION.first_port + 3
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := connection.recv(4096):
                received += chunk
            return received

    def test_bytes_that_are_no_protocol(self):
        for data in [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100, b"\xff" * 1000, struct.pack("!II", 8, 80877103) + b"early",
                     struct.pack("!II", 100000, 196608), struct.pack("!II", 9, 3 << 16) + b"\0", struct.pack("!IIII", 16, 80877102, 1, 2)]:
            try:
                self.send(data)
            except ConnectionResetError:
                pass
        code, out, err = FEDERATION.psql("-Atc", "select 1")
        self.assertEqual((code, out), (0, "1\n"), err)

    def test_gss_encryption_is_declined(self):
        self.assertEqual(self.send(struct.pack("!II", 8, 80877104)), b"N")


if __name__ == "__main__":
    unittest.main(verbosity=1)
