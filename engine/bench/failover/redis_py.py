"""Writes to a service through redis-py's Sentinel: what it is told, a line "<number> <ms>" each.

redis_py.py <service> <seconds> <Sentinel's port>...
"""

import sys
import time

from redis.exceptions import RedisError
from redis.sentinel import Sentinel


def main(service, seconds, *ports):
    sentinel = Sentinel([("127.0.0.1", int(port)) for port in ports], socket_timeout=1)
    primary = sentinel.master_for(service, socket_timeout=1)
    begun = time.monotonic()
    print("ready", flush=True)
    told = []
    errors = number = 0
    while (now := time.monotonic() - begun) < float(seconds):
        number += 1
        try:
            primary.set(f"py:{number}", number, ex=600)
            told.append(f"{number} {now * 1000:.0f}")
        except RedisError:
            errors += 1
        time.sleep(max(0.0, number / 1000 - (time.monotonic() - begun)))
    print(errors)
    print("\n".join(told))


main(*sys.argv[1:])
