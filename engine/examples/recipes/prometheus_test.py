#!/usr/bin/env python3
"""Requests the page of the Prometheus endpoint, as a scraper does.

Usage: prometheus_test.py <command of the endpoint>...
"""

import subprocess
import sys
import urllib.request


def main():
    with subprocess.Popen([*sys.argv[1:], "0", "2"], stdout=subprocess.PIPE, text=True) as endpoint:
        url = endpoint.stdout.readline().strip()
        for _ in range(2):
            with urllib.request.urlopen(url, timeout=30) as answer:
                kind, page = answer.headers["Content-Type"], answer.read().decode()
        status = endpoint.wait(30)
    if kind != "text/plain; version=0.0.4; charset=utf-8":
        print(f"the page is {kind}")
        return 1
    if 'djcache_operations_total{alias="default",backend="redis"}' not in page:
        print(f"no operations are counted:\n{page}")
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
