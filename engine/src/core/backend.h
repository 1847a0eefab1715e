// Backend: stores the entries of a cache. Private; redis, memory and dummy implement it.
//
// A backend ends each Call exactly once, never inside the function that received it: if it knows
// the answer at once, it passes it to Calls::settle().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "call.h"
#include "core/request.h"
#include "text/python_repr.h"

namespace djcache {

namespace link {
class Pool;
}

inline Error key_not_found(std::string_view made) {
  return {Errc::key_not_found, text::named_key(made) + " not found"};
}

class Backend {
 public:
  virtual ~Backend() = default;

  virtual void ask(const Request& request, Call* call) = 0;
  virtual void ask_many(const ManyRequest& request, Call* call) = 0;
  // The integer of Verb::remaining for an entry that does not expire.
  static constexpr std::int64_t no_expiry = -1, no_entry = -2;

  // The value of a get, if it is available at once. `bytes` are valid until the next call.
  enum class Peeked : std::uint8_t { found, missing, impossible };
  virtual Peeked peek(const Key&, std::string_view& /*bytes*/) { return Peeked::impossible; }

  // Statistics of the store in this process; nullopt if there is none.
  virtual std::optional<StoreStatistics> store_statistics() const { return std::nullopt; }

  // The pools used, primary first; empty without a server.
  virtual std::vector<link::Pool*> pools() const { return {}; }
  // The pool that a command with these options would use; null if there is none.
  virtual link::Pool* pool(const CallOptions&) { return nullptr; }
};

}  // namespace djcache
