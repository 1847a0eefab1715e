// OPTIONS whose value names a serializer, a compressor or a client class. Pure.
//
// Only exact names are accepted. Ignoring an unknown one would let the two sides write different
// entries.
#pragma once

#include <optional>
#include <vector>

#include <djcache/settings.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// "pickle", "json", "msgpack", "raw", or the dotted path of a Python class that writes the same
// bytes.
Problem read_serializer(const Json& json, Serializer& target);
// "none", "zlib", "gzip", "zstd", "lz4", "lzma", or the dotted path of django-redis' class.
Problem read_compressor(const Json& json, Compressor& target);
// Lists of the same names.
Problem read_serializers(const Json& json, std::vector<Serializer>& target);
Problem read_compressors(const Json& json, std::vector<Compressor>& target);

// "refuse", "opaque" or "data".
Problem read_foreign(const Json& json, Foreign& target);

// "cull", "lru" or "s3-fifo".
Problem read_policy(const Json& json, std::optional<EvictionPolicy>& target);

// Each accepts only the client class or connection factory that sends every key to the server that
// Django's own backend would use.
Problem check_client_class(const Json& json);
// whether it names the client class that reads from replicas
bool is_sentinel_client(const Json& json);
Problem check_connection_factory(const Json& json);

}  // namespace djcache::settings
