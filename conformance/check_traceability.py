#!/usr/bin/env python3
"""Checks that every test method of Django's cache tests has a case, or a reason for having none.

Usage: conformance/check_traceability.py [root]
oracle/django_tests.json lists the methods by class (inherited ones once, where they are defined);
traceability.json maps each to {"cases": [ids], "note": "but for ..."} or {"n/a": "the reason"}.
Methods cited in a case file must be listed as well. Prints one line per finding and exits with 1
if there is any. Needs python3 only.
"""
import json
import pathlib
import sys

PREFIX = "django: "


def sources(case, file):
    source = case.get("source", file.get("source", []))
    return [source] if isinstance(source, str) else source


def read_cases(folder):
    """{case id: its sources} of all case files."""
    cases = {}
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text())
        cases.update({case["id"]: sources(case, file) for case in file["cases"]})
    return cases


def entry_findings(name, entry, cases):
    """The findings about one entry of traceability.json."""
    if "n/a" in entry:
        if set(entry) != {"n/a"}:
            yield f"{name} is n/a and something else"
        elif not isinstance(entry["n/a"], str) or not entry["n/a"].strip():
            yield f"{name} is n/a without a reason"
        return
    if not set(entry) <= {"cases", "note"} or not entry.get("cases"):
        yield f"{name} has neither cases nor n/a"
        return
    if "note" in entry and not entry["note"].strip():
        yield f"{name} has an empty note"
    for case in entry["cases"]:
        if case not in cases:
            yield f"{name} leads to {case}, which does not exist"
        elif PREFIX + name not in cases[case]:
            yield f"{name} leads to {case}, which does not cite it"


def findings(root):
    methods = json.loads((root / "conformance/oracle/django_tests.json").read_text())
    trace = json.loads((root / "conformance/traceability.json").read_text())
    cases = read_cases(root / "fixtures/cases")
    wanted = {f"{group}.{name}" for group, names in methods.items() for name in names}
    if set(trace) != {"format", "django", "tests"} or trace["format"] != 1:
        yield "traceability.json is not of format 1"
        return
    for name in sorted(wanted - set(trace["tests"])):
        yield f"{name} is missing"
    for name in sorted(set(trace["tests"]) - wanted):
        yield f"{name} is no test of Django's: django_tests.json does not list it"
    for name, entry in trace["tests"].items():
        yield from entry_findings(name, entry, cases)
    for case, cited in cases.items():
        for source in cited:
            if source.startswith(PREFIX) and "/test" in source and source[len(PREFIX):] not in wanted:
                yield f"{case} cites {source[len(PREFIX):]}, which is no test of Django's"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    found = list(findings(root))
    for finding in found:
        print(f"conformance/traceability.json: {finding}")
    print(f"traceability: {len(found)} findings" if found else "traceability: every test of Django's leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
