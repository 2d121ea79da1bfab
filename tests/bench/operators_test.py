#!/usr/bin/env python3
"""`care bench` of each joint operator at few rows: three processes over TLS.

The program itself compares the result with the clear computation and the traffic with the cost function, and
fails on a difference. Here: it succeeds for each name that --list prints, and each line has exactly the keys that
docs/benchmarks.md promises, with and without an emulated link. Queries, local measurements and the stream of large
messages are left out: they take seconds at any number of rows.
"""
import json
import subprocess
import sys
import tempfile

LEFT_OUT = {"flagship", "plan", "idle", "postgresql", "country", "okvs-failures", "stream"}
KEYS = {"name", "rows", "seconds", "core_seconds", "rounds", "bytes_per_party", "peak_rss_bytes", "limit_seconds",
        "limit_percent", "detail"}
ROWS = 300


def main():
    care = sys.argv[1]
    listed = subprocess.run([care, "bench", "--list"], check=True, capture_output=True, text=True).stdout
    names = [line.split()[0] for line in listed.splitlines() if not line.startswith(" ")]
    names = [name for name in names if name not in LEFT_OUT]
    assert len(names) >= 3, listed
    with tempfile.TemporaryDirectory() as directory:
        far = subprocess.run([care, "bench", "equal-64", "join-group-sum", "--rows", str(ROWS), "--repeats", "1",
                              "--format", "json", "--link", "2ms,1gbit", "--directory", directory],
                             capture_output=True, text=True)
        result = subprocess.run([care, "bench", *names, "--rows", str(ROWS), "--repeats", "2", "--format", "json",
                                 "--directory", directory], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert far.returncode == 0, far.stderr
    for line in map(json.loads, far.stdout.splitlines()):
        assert set(line) == KEYS | {"link", "plan"} and line["link"] == "2ms,1gbit", line
        assert line["seconds"] >= line["rounds"] * 0.002, line  # the emulated time passes at least
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["name"] for line in lines] == names
    for line in lines:
        assert set(line) == KEYS, line
        assert line["rows"] == ROWS and line["rounds"] > 0 and line["bytes_per_party"] > 0, line
    refused = subprocess.run([care, "bench", "no-such-thing"], capture_output=True, text=True)
    assert refused.returncode == 2 and "--list" in refused.stderr, refused


main()
