/// @file
/// The callback API in one include: Engine, Cache, Settings, Value, the raw client, locks.
///
/// Not included, because not every program needs them:
/// - `djcache/sync_cache.h`: SyncEngine and SyncCache, blocking calls for programs without a loop
/// - `djcache/coro.h`: `co_await` on every verb
/// - `djcache/session.h`, `djcache/cookie.h`: Django's sessions and the session cookie
#pragma once

#include <djcache/cache.h>
#include <djcache/client.h>
#include <djcache/disconnect.h>
#include <djcache/engine.h>
#include <djcache/error.h>
#include <djcache/events.h>
#include <djcache/found.h>
#include <djcache/lock.h>
#include <djcache/poster.h>
#include <djcache/reply.h>
#include <djcache/result.h>
#include <djcache/settings.h>
#include <djcache/statistics.h>
#include <djcache/subscriber.h>
#include <djcache/ttl.h>
#include <djcache/unique_function.h>
#include <djcache/value.h>
#include <djcache/version.h>
