#!/usr/bin/env python3
"""One name, one type: no two files of the product define a type of the same name in the same namespace.

The linker takes either's inline functions for both, silently: a node once destroyed one `Proposal` as if it were the other.
Method: comments and literals are blanked, then braces are followed. A definition (`struct Name {`, `class`, `enum`, `union`)
counts where every brace around it is a namespace's with a name; what is inside of types, functions and unnamed namespaces
belongs to its file alone. `--self-test` writes such pairs to a temporary tree and expects to hear of them.
"""
import os
import re
import sys
import tempfile

CODE_FOLDERS = ("grammar", "planner", "mpc", "connectors", "engine")
BLANKED = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)
NAMESPACE = re.compile(r"namespace\s*([\w:]*)\s*$")
DEFINITION = re.compile(r"\b(?:struct|class|union|enum(?:\s+(?:class|struct))?)\s+(?:alignas\s*\([^)]*\)\s*)?([\w:]+)(?:\s+final)?(?:\s*:[^;{}()=]*)?\s*$")
SPECIALISED = re.compile(r"template\s*<\s*>\s*\w+\s+\w+$")


def definitions(text):
    """(namespace, name) of each type that is visible outside its file."""
    text = BLANKED.sub(" ", text)
    found, scopes, statement = [], [], 0
    for match in re.finditer(r"[{};]", text):
        head = text[statement:match.start()]
        statement = match.end()
        if match.group() == "}":
            if scopes:
                scopes.pop()
        elif match.group() == "{":
            namespace = NAMESPACE.search(head)
            if namespace:
                scopes.append(namespace.group(1) or None)
                continue
            definition = DEFINITION.search(head)
            if definition and None not in scopes and not SPECIALISED.search(head[:definition.end(1)].strip()):
                found.append(("::".join(scopes), definition.group(1)))
            scopes.append(None)
    return found


def check(root):
    places = {}
    for top in CODE_FOLDERS:
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if not name.endswith((".h", ".cc")):
                    continue
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    for definition in definitions(file.read()):
                        places.setdefault(definition, []).append(os.path.relpath(path, root))
    errors = [f"{namespace}::{name} is defined in {' and '.join(paths)}"
              for (namespace, name), paths in sorted(places.items()) if len(paths) > 1]
    return errors, len(places)


def self_test():
    cases = [
        ("struct A { int x; };", "struct A { int y; };", True),
        ("class A final : public B { };", "enum class A : int { kOne };", True),
        ("struct A { struct Part { }; };", "struct B { struct Part { }; };", False),
        ("namespace {\nstruct A { };\n}", "struct A { };", False),
        ("namespace deep {\nstruct A { };\n}", "struct A { };", False),
        ("void F() { struct A { }; }", "struct A { };", False),
        ("// struct A { };\nconst char* text = \"struct A {\";", "struct A { };", False),
        ("struct A;", "struct A { };", False),
        ("struct A::Part { };", "struct A { struct Part; };", False),
        ("template <>\nstruct A<int> { };", "template <>\nstruct A<long> { };", False),
    ]
    for first, second, expected in cases:
        with tempfile.TemporaryDirectory() as root:
            for folder in CODE_FOLDERS:
                os.makedirs(os.path.join(root, folder))
            for folder, body in (("planner", first), ("engine", second)):
                with open(os.path.join(root, folder, "a.h"), "w", encoding="utf-8") as file:
                    file.write(f"namespace care {{\n{body}\n}}  // namespace care\n")
            errors, _ = check(root)
            if bool(errors) != expected:
                raise SystemExit(f"self-test: {errors} for\n{first}\n{second}")
    print(f"self-test: {len(cases)} cases as expected")


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    errors, count = check(sys.argv[1])
    if errors or count < 500:
        raise SystemExit("\n".join(errors) or f"only {count} types were found: the reader of definitions is broken")
    print(f"{count} types, each defined once")


if __name__ == "__main__":
    main()
