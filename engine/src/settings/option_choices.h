// OPTIONS whose value names something: a serializer, a compressor, a client class. Pure.
//
// Only exact names count. One that stands for Python code djcache does not have would otherwise be
// ignored, and the two sides would write different entries.
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

// These have one acceptable meaning each: the client class and connection factory that send every
// key to the server Django's own backend sends it to.
Problem check_client_class(const Json& json);
bool is_sentinel_client(const Json& json);  // the client class that reads from replicas
Problem check_connection_factory(const Json& json);

}  // namespace djcache::settings
