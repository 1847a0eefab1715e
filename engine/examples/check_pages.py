#!/usr/bin/env python3
"""Checks that the code in pages is the code of programs that are compiled and run.

Usage: check_pages.py <root>

A block that follows the line `<!-- from: engine/examples/x.cc -->` must occur in that file
verbatim, except for its indentation. Prints one line per block that does not.
"""

import re
import sys
import textwrap
from pathlib import Path

MARK = re.compile(r"<!-- (?:file: \S+; )?from: (\S+) -->\n\n?```[a-z]*\n(.*?)```", re.DOTALL)


def stands_in(block, text):
    """Whether the lines of the block occur consecutively in the text, at any common indentation."""
    wanted = textwrap.dedent(block).rstrip().split("\n")
    lines = text.split("\n")
    for start, line in enumerate(lines):
        if line.strip() != wanted[0].strip():
            continue
        found = textwrap.dedent("\n".join(lines[start:start + len(wanted)])).split("\n")
        if [each.rstrip() for each in found] == [each.rstrip() for each in wanted]:
            return True
    return False


def main():
    root = Path(sys.argv[1])
    blocks = failed = 0
    for page in sorted([root / "README.md", *root.glob("engine/docs/*.md"), *root.glob("engine/examples/*.md")]):
        text = page.read_text(encoding="utf-8")
        for match in MARK.finditer(text):
            blocks += 1
            line = text[:match.start()].count("\n") + 1
            source = root / match[1]
            if not source.is_file():
                failed += 1
                print(f"{page.relative_to(root)}:{line}: there is no {match[1]}")
            elif not stands_in(match[2], source.read_text(encoding="utf-8")):
                failed += 1
                print(f"{page.relative_to(root)}:{line}: the block is not what {match[1]} has: copy one over the other")
        for number, content in enumerate(text.split("\n"), 1):
            if re.match("<!-- (file: .*; )?from:", content) and not MARK.match("\n".join(text.split("\n")[number - 1:]) + "\n"):
                failed += 1
                print(f"{page.relative_to(root)}:{number}: no block of code follows")
    print(f"{blocks} blocks, {failed} wrong")
    return 1 if failed or blocks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
