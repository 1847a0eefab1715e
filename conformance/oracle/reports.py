"""What a run of the oracle says: a table for people, JUnit for CI, JSON for compare.py."""
import json
import xml.etree.ElementTree as xml

STATUSES = ("passed", "failed", "not shared", "skipped")


def print_table(results, problems, out):
    """Failures first, with their reasons; then what was not shared and why; then one line per configuration."""
    for problem in problems:
        print(f"REJECTED {problem}", file=out)
    for result in results:
        if result["status"] == "failed":
            print(f"FAILED   {result['id']} [{configuration(result)}]\n         {result['reason']}", file=out)
    print_reasons(results, out)
    names = sorted({configuration(result) for result in results})
    width = max([len(name) for name in names] or [0])
    print(f"\n{'configuration':{width}}  " + "  ".join(f"{status:>10}" for status in STATUSES), file=out)
    for name in names:
        counts = count([result for result in results if configuration(result) == name])
        print(f"{name:{width}}  " + "  ".join(f"{counts[status]:>10}" for status in STATUSES), file=out)
    unseen = sum(result["unseen_server_steps"] for result in results)
    print(f"\n{unseen} server steps had no server to look at (memory and dummy).", file=out)


def print_reasons(results, out):
    reasons = {}
    for result in results:
        if result["status"] in ("not shared", "skipped"):
            reasons.setdefault((result["status"], result["reason"]), set()).add(result["id"])
    for (status, reason), ids in sorted(reasons.items(), key=lambda item: (item[0][0], -len(item[1]))):
        names = ", ".join(sorted(ids)[:3]) + (", ..." if len(ids) > 3 else "")
        print(f"{status}: {len(ids)} cases: {reason} ({names})", file=out)


def configuration(result):
    return " ".join(part for part in (result["backend"], result["flavour"], result["serializer"]) if part)


def count(results):
    return {status: sum(result["status"] == status for result in results) for status in STATUSES}


def write_json(path, results):
    path.write_text(json.dumps({"format": 1, "results": results}, indent=1, ensure_ascii=False) + "\n")


def write_junit(path, results, problems):
    root = xml.Element("testsuites")
    for name in sorted({configuration(result) for result in results}):
        suite = [result for result in results if configuration(result) == name]
        counts = count(suite)
        node = xml.SubElement(root, "testsuite", name=f"django {name}", tests=str(len(suite)),
                              failures=str(counts["failed"]), skipped=str(counts["not shared"] + counts["skipped"]))
        for result in suite:
            write_test(node, result)
    if problems:
        node = xml.SubElement(root, "testsuite", name="files", tests=str(len(problems)), failures=str(len(problems)))
        for problem in problems:
            test = xml.SubElement(node, "testcase", name=problem.split(":")[0], classname="files")
            xml.SubElement(test, "failure", message=printable(problem))
    xml.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def write_test(node, result):
    group, _, name = result["id"].partition(".")
    test = xml.SubElement(node, "testcase", classname=group, name=name, time=f"{result['seconds']:.3f}")
    if result["status"] == "failed":
        xml.SubElement(test, "failure", message=printable(result["reason"]))
    elif result["status"] != "passed":
        xml.SubElement(test, "skipped", message=printable(f"{result['status']}: {result['reason']}"))


def printable(text):
    """Without the control characters that XML cannot hold."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)
