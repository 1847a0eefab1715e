// The options of Sentinels, from JSON. Pure. Source: django-redis' README ("Use the sentinel
// connection factory"), redis-py's Sentinel.
#pragma once

#include <djcache/settings.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// [["host", 26379], ...], or ["host:26379", ...].
Problem read_sentinels(const Json& json, Options& options);
// The options of redis-py's Sentinel for its own connections: user, password, TLS.
Problem read_sentinel_kwargs(const Json& json, Options& options);
Problem read_sentinel_username(const Json& json, Options& options);
Problem read_sentinel_password(const Json& json, Options& options);
// CLIENT_CLASS and CONNECTION_FACTORY, as far as they concern Sentinels.
Problem read_client_class(const Json& json, Options& options);

}  // namespace djcache::settings
