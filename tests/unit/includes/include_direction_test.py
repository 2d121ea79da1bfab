#!/usr/bin/env python3
"""Includes point down: compares the layers listed in docs/architecture.md with the actual #includes.

Method: the fenced block after the words "Includes point down" is read as a list of edges. A file may include
its own layer, every layer below it (the list's transitive closure) and what `everything` may include. A folder
belongs to the longest listed path that contains it. Besides, the list must have no cycle, each listed folder
must exist, and two rules about third-party headers hold: engine/types sees the standard library and Abseil
only, and sockets appear under mpc/net only as far as mpc is concerned. `--self-test` breaks each rule in a
temporary tree and expects to hear of it.
"""
import os
import re
import sys
import tempfile

CODE_FOLDERS = ("grammar", "planner", "mpc", "connectors", "engine")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
SOCKET_HEADERS = re.compile(r"^(boost/asio|sys/socket\.h|netinet/|openssl/ssl\.h)")


def read_list(architecture_text):
    """The edges of the fenced block after "Includes point down": {layer: set of layers}, and the base layers."""
    match = re.search(r"Includes point down.*?```\n(.*?)```", architecture_text, re.DOTALL)
    if not match:
        raise SystemExit("docs/architecture.md has no list after the words 'Includes point down'")
    edges, base = {}, set()
    for line in match.group(1).splitlines():
        line = re.sub(r"\(.*?\)", "", line).strip()
        if not line:
            continue
        chain = [[name.strip() for name in part.split(",")] for part in line.split(">")]
        for above, below in zip(chain, chain[1:]):
            for name in above:
                if name == "everything":
                    base.update(below)
                else:
                    edges.setdefault(name, set()).update(below)
        for part in chain:
            for name in part:
                if name != "everything":
                    edges.setdefault(name, set())
    return edges, base


def closure(edges):
    result = {}

    def below(name, path):
        if name in path:
            raise SystemExit("the list in docs/architecture.md has a cycle: " + " > ".join(path + [name]))
        if name not in result:
            reached = set()
            for lower in edges[name]:
                reached |= {lower} | below(lower, path + [name])
            result[name] = reached
        return result[name]

    for name in edges:
        below(name, [])
    return result


def layer_of(path, layers):
    folder = os.path.dirname(path)
    while folder:
        if folder in layers:
            return folder
        folder = os.path.dirname(folder)
    return None


def check(root):
    with open(os.path.join(root, "docs/architecture.md"), encoding="utf-8") as file:
        edges, base = read_list(file.read())
    layers = set(edges) | base
    allowed = closure({name: edges.get(name, set()) for name in layers})
    errors = [f"docs/architecture.md lists {layer}, which is not a folder"
              for layer in sorted(layers) if not os.path.isdir(os.path.join(root, layer))]
    files = 0
    for top in CODE_FOLDERS:
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if not name.endswith((".h", ".cc")):
                    continue
                files += 1
                path = os.path.relpath(os.path.join(folder, name), root)
                layer = layer_of(path, layers)
                if layer is None:
                    errors.append(f"{path}: no layer of docs/architecture.md contains it")
                    continue
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    includes = INCLUDE.findall(file.read())
                for quote, header in includes:
                    if layer == "engine/types" and "/" in header and not header.startswith(("absl/", "engine/types/")):
                        errors.append(f"{path}: engine/types may include Abseil only, not {header}")
                    if path.startswith("mpc/") and layer != "mpc/net" and SOCKET_HEADERS.match(header):
                        errors.append(f"{path}: under mpc/, sockets belong to mpc/net: {header}")
                    if quote != '"' or not header.startswith(tuple(f + "/" for f in CODE_FOLDERS)):
                        continue
                    target = layer_of(header, layers)
                    if target is None:
                        errors.append(f"{path}: includes {header}, which is in no listed layer")
                    elif target != layer and target not in allowed[layer] and target not in base:
                        errors.append(f"{path}: {layer} may not include {target} ({header})")
    return files, errors


def self_test():
    listing = "Includes point down:\n\n```\nengine/exec > planner > grammar\neverything > engine/types\n```\n"
    cases = [
        ({"engine/exec/a.cc": '#include "grammar/ast.h"'}, None),
        ({"planner/a.cc": '#include "engine/types/date.h"\n#include <vector>'}, None),
        ({"planner/a.cc": '#include "engine/exec/a.h"'}, "planner may not include engine/exec"),
        ({"engine/types/a.h": '#include "grammar/ast.h"'}, "engine/types may not include grammar"),
        ({"engine/types/a.h": "#include <boost/asio.hpp>"}, "Abseil only"),
        ({"connectors/a.h": "#include <vector>"}, "no layer"),
        ({"mpc/protocol/a.cc": "#include <sys/socket.h>"}, "sockets belong"),
    ]
    for files, expected in cases:
        with tempfile.TemporaryDirectory() as root:
            text = listing.replace("everything", "mpc/protocol > grammar\neverything")
            for path, content in {"docs/architecture.md": text, "grammar/ast.h": "", "engine/types/date.h": "",
                                  "engine/exec/a.h": "", "planner/b.h": "", "mpc/protocol/b.h": "", **files}.items():
                os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(content)
            _, errors = check(root)
            heard = " ".join(errors)
            if (expected is None and errors) or (expected is not None and expected not in heard):
                raise SystemExit(f"self-test: for {files} expected {expected!r}, heard {heard!r}")
    print(f"self-test: {len(cases)} cases as expected")


def main():
    if "--self-test" in sys.argv:
        self_test()
        return
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../../..")
    files, errors = check(os.path.abspath(root))
    for error in errors:
        print(error)
    if files == 0:
        raise SystemExit("found no source files")
    if errors:
        raise SystemExit(f"{len(errors)} includes point the wrong way")
    print(f"{files} files, all includes point down")


main()
