// DummyBackend: accepts everything and keeps nothing, for development: Django's DummyCache.
//
// Knows neither loops nor keys; the cache has made and checked the keys already.
// Source: django/core/cache/backends/dummy.py.
#pragma once

#include "calls.h"
#include "core/backend.h"

namespace djcache::dummy {

class DummyBackend final : public Backend {
 public:
  explicit DummyBackend(Calls& calls) : calls_(calls) {}

  void ask(const Request& request, Call* call) override;
  void ask_many(const ManyRequest& request, Call* call) override;
  Peeked peek(const Key&, std::string_view&) override { return Peeked::missing; }

 private:
  Calls& calls_;
};

}  // namespace djcache::dummy
