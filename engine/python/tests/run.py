#!/usr/bin/python3
"""Runs the tests of the package djcache, by module.

Usage: run.py <redis-server> [test module...]
"""

import os
import pathlib
import sys
import unittest

if __name__ == "__main__":
    folder = pathlib.Path(__file__).resolve().parent
    os.environ["DJCACHE_REDIS_SERVER"] = sys.argv[1]
    sys.path.insert(0, str(folder))
    names = sys.argv[2:] or sorted(path.stem for path in folder.glob("test_*.py"))
    unittest.main(module=None, argv=["run.py", "-v", *names])
