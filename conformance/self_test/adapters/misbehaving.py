#!/usr/bin/env python3
"""An adapter that keeps PROTOCOL.md until the first call, then misbehaves as its argument says."""
import json
import os
import sys
import time

how = sys.argv[1]


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def misbehave():
    if how == "hangs":
        time.sleep(60)
    elif how == "half_line":
        say('{"returns": ')
        time.sleep(60)
    elif how == "dies":
        os.kill(os.getpid(), 9)
    elif how == "exits":
        say('{"retu')
        sys.stderr.write("out of luck\n")
        sys.exit(3)
    elif how == "nonsense":
        say("no JSON\n")
    elif how == "no_object":
        say("[1]\n")
    elif how == "unknown_field":
        say('{"returns": null, "colour": 1}\n')
    elif how == "unknown_tag":
        say('{"returns": {"$complex": 1}}\n')
    elif how == "two_lines":
        say('{"returns": null}\n{"returns": null}\n')
    elif how == "huge_line":
        for _ in range(80):
            say("x" * (1 << 20))
    elif how == "floods":
        while True:
            say("x\n" * 10000)
    elif how == "unsupported":
        say('{"unsupported": "luck"}\n')
    else:
        say('{"returns": null}\n')


for line in sys.stdin:
    verb = next(iter(json.loads(line)))
    if verb == "hello":
        say(json.dumps({"hello": 2 if how == "version" else 1, "name": "probe", "backends": ["memory"]}) + "\n")
    elif verb == "call":
        misbehave()
    else:
        say(json.dumps({{"open": "opened", "close": "closed"}.get(verb, verb): True}) + "\n")
