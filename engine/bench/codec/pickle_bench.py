#!/usr/bin/env python3
"""Measures CPython's C pickle on the values of codec_bench.cc. Prints one line of JSON per value,
with nanoseconds per operation.

Reads pickles in hex from stdin, one per line, so that both programs work on the same bytes.
"""
import json
import pickle
import sys
import time


def best_ns(run, rounds=25, seconds=0.005):
    count, spent = 1, 0
    while spent < seconds:  # find a count that takes long enough to be measured
        count *= 2
        start = time.thread_time()
        for _ in range(count):
            run()
        spent = time.thread_time() - start
    best = spent
    for _ in range(rounds - 1):
        start = time.thread_time()
        for _ in range(count):
            run()
        best = min(best, time.thread_time() - start)
    return best / count * 1e9


for line in sys.stdin:
    data = bytes.fromhex(line)
    value, dumps, loads = pickle.loads(data), pickle.dumps, pickle.loads
    print(json.dumps({"encode": best_ns(lambda: dumps(value, 5)), "decode": best_ns(lambda: loads(data))}), flush=True)
