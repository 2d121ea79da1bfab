"""Three nodes of the example's federation, started by `care demo --up` with few rows, and how to reach them.

The demonstration makes keys, data, node files and a user, and prints the psql command; the tests use exactly that.
It ends with the tests, and its nodes with it.
"""
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time

CARE = os.environ["CARE_PROGRAM"]
PORTS = 6
SIZES = ["--patients", "400", "--insured", "1500", "--claims", "4000", "--persons", "2000", "--seed", "5"]


def free_ports():
    """The first of six ports that nothing listens on at the moment."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        if first + PORTS > 65535:
            continue
        held = []
        try:
            for port in range(first, first + PORTS):
                one = socket.socket()
                held.append(one)
                one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for one in held:
                one.close()


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Federation:
    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="care-clients-")
        self.first_port = free_ports()
        self.output = open(os.path.join(self.directory.name, "output"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [CARE, "demo", "--directory", self.directory.name, "--port", str(self.first_port), "--up"] + SIZES,
            stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.text = self._wait_for_command()
        command = re.search(r"PGPASSWORD=(\S+) psql (.*)", self.text)
        self.password = command.group(1)
        self.conninfo = shlex.split(command.group(2))[0]
        self.node_file = re.search(r"--node (\S+)", self.text).group(1)
        self.data = os.path.dirname(self.node_file)

    def _wait_for_command(self):
        for _ in range(3000):
            text = text_of(self.output.name)
            if "PGPASSWORD=" in text and text.endswith("\n"):
                return text
            if self.process.poll() is not None:
                raise RuntimeError("care demo --up ended:\n" + text)
            time.sleep(0.1)
        raise RuntimeError("care demo --up did not start")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.directory.cleanup()

    def environment(self, **more):
        env = dict(os.environ, PGPASSWORD=self.password, PGCONNECT_TIMEOUT="60", LC_ALL="C.UTF-8", PSQLRC="/dev/null",
                   PAGER="")
        env.update(more)
        return env

    def psql(self, *arguments, stdin="", conninfo=None, password=None):
        """Runs psql to its end; (exit code, standard output, standard error)."""
        done = subprocess.run(["psql", "-X", conninfo or self.conninfo, *arguments], input=stdin, text=True,
                              capture_output=True, env=self.environment(PGPASSWORD=password or self.password), timeout=300)
        return done.returncode, done.stdout, done.stderr

    def care_query(self, sql, output_format="csv"):
        done = subprocess.run([CARE, "query", "--node", self.node_file, "--format", output_format, "-q", sql], text=True,
                              capture_output=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout

    def node_pid(self, party):
        """The process of a party's node: a child of the demonstration."""
        for pid in text_of(f"/proc/{self.process.pid}/task/{self.process.pid}/children").split():
            if f"/{party}.toml" in text_of(f"/proc/{pid}/cmdline"):
                return int(pid)
        raise RuntimeError(f"the node of {party} does not run")

    def log(self, party):
        return text_of(os.path.join(self.data, f"{party}.log"))
