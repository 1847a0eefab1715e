// Codec: Value <-> stored bytes. One per cache, chosen by OPTIONS; stateless and shared.
//
// Pure: no I/O, no clock, no keys. Every decoder treats its input as hostile: depth, size and
// counts are bounded, and bad input is an error, never a crash.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <djcache/error.h>
#include <djcache/settings.h>
#include <djcache/value.h>

namespace djcache::codec {

// The result of encode(), in two parts so that a large string is not copied twice: the stored bytes
// are `head` followed by `body`. Views of the scratch and of the value, valid while both exist
// unchanged.
struct Encoded {
  std::string_view head;
  std::string_view body;
  std::size_t size() const { return head.size() + body.size(); }
};

// Reused between calls, so that encoding does not allocate in the steady state.
struct Scratch {
  char head[32];
  std::string body;
  // For the layers around the serializer; see layered.h.
  char signed_head[80];
  std::string joined;
  std::string compressed;
};

struct Limits {
  std::size_t max_bytes = 32u << 20;  // of one encoded value, either direction
  std::size_t max_depth = 64;
  Foreign foreign = Foreign::refuse;

  // The most memory that reading one value may take, its bytes included, up to a few kilobytes.
  constexpr std::size_t max_memory() const { return 4 * max_bytes; }

  // Items of all containers of one value together: each key and each value of a dict is an item,
  // and each datetime or time counts as `of_datetime` more, because it has a block of its own. A
  // byte of input can be an item, and an item is a Value: this bounds their memory to 1.5 times
  // max_bytes, which leaves room for the rest.
  static constexpr std::size_t element_bytes = 32, elements_min = 1024, of_datetime = 2;
  constexpr std::size_t max_elements() const {
    return std::max(elements_min, max_bytes / element_bytes);
  }
};

class Codec {
 public:
  virtual ~Codec() = default;
  // False: `error` says why (encode_failed, value_too_large).
  virtual bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const = 0;
  // False: `error` says why (decode_failed) with the position; `out` is untouched or nil.
  virtual bool decode(std::string_view bytes, Value& out, Error& error) const = 0;
};

inline constexpr int pickle_protocol_highest = 5;

// The serializer alone.
std::unique_ptr<const Codec> make_codec(Serializer serializer, const Limits& limits,
                                        int pickle_protocol = pickle_protocol_highest);
// With the fallbacks, compressors and signatures of the options; just the serializer if there are
// none, so that caches without them pay nothing. REQUIRES: settings that passed check().
std::unique_ptr<const Codec> make_codec(const Options& options);

}  // namespace djcache::codec
