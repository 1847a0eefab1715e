// Splits a call with many keys over connections, and joins the answers.
//
// With more than one connection a key always uses the same one, so that operations on it keep their
// order; a call with many keys must follow each of them. Used only then.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calls.h"
#include "core/request.h"
#include "link/pool.h"

namespace djcache::redis {

// Items, grouped by the connection of their key.
template <class Item>
class Groups {
 public:
  Groups(const link::Pool& pool, std::span<const Item> items) : parts_(pool.connections_max()) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      Part& part = parts_[pool.spread(key_of(items[i]).affinity)];
      if (part.items.empty()) ++used_;
      part.items.push_back(items[i]);
      part.places.push_back(i);
    }
  }
  bool single() const { return used_ == 1; }
  template <class F>
  void each(F f) const {
    for (const Part& part : parts_) {
      if (!part.items.empty()) f(std::span<const Item>(part.items), part.places);
    }
  }

 private:
  static const Key& key_of(const Key& key) { return key; }
  static const Key& key_of(const StoredEntry& entry) { return entry.key; }

  struct Part {
    std::vector<Item> items;
    std::vector<std::size_t> places;  // in the caller's order
  };
  std::vector<Part> parts_;
  std::size_t used_ = 0;
};

// Ends `whole` when all parts have ended: with the first error, or with all values in order. Owned
// by its parts; freed with the last of them.
class Join {
 public:
  static Join* start(Calls& calls, Call* whole, std::size_t values);
  // Lets `f()` create all parts. If it throws, that is passed on, and the results of the parts
  // created before are dropped.
  template <class F>
  void issue(F f) {
    const std::unique_ptr<Join, Release> issuing(this);
    f();
  }
  // Lets `send(call)` pass a call for one group to the backend.
  template <class Send>
  void part(std::vector<std::size_t> places, Send send) {
    calls_.issue(make_part(std::move(places)), send);
  }

 private:
  class Part;
  struct Release {
    void operator()(Join* join) const { join->dropped(); }
  };
  Call* make_part(std::vector<std::size_t> places);
  Join(Calls& calls, Call* whole, std::size_t values);
  void ended(const std::vector<std::size_t>& places, const Outcome& outcome);
  void dropped();

  Calls& calls_;
  Ticket whole_;
  std::size_t open_ = 1;    // parts, plus one for issue()
  std::int64_t count_ = 0;  // of all parts
  std::optional<Error> error_;
  std::vector<std::optional<std::string>> values_;
};

}  // namespace djcache::redis
