// Rig: an alias over a backend that only records requests. Tests answer them in any order and at
// any time, and decide when a turn of the loop comes and what time it is. For tests only.
#pragma once

#include <djcache/cache.h>
#include <djcache/lock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "cache/alias.h"

namespace djcache::cache::test {

struct Asked {
  std::string what;  // for instance "get :1:k"
  Call* call = nullptr;
  CallOptions options{};
  std::string affinity{};
  Expiry expiry{};
  std::string detail{};  // a token, a pattern
  std::int64_t number = 0;
};

class AskedBackend final : public Backend {
 public:
  std::deque<Asked> asked;
  Peeked peeked = Peeked::missing;  // the result of peek(), and its bytes
  std::string stored{};

  void ask(const Request& request, Call* call) override {
    static constexpr const char* names[] = {
        "get",  "set",   "add",       "touch",   "erase",     "has_key",   "incr",
        "move", "clear", "remaining", "replace", "expire_in", "expire_at", "persist",
        "scan", "lock",  "unlock",    "extend",  "renew",     "holds"};
    Asked& asking = note(names[static_cast<std::size_t>(request.verb)], request.options, call);
    if (!request.key.made.empty()) asking.what.append(" ").append(request.key.made);
    asking.affinity = request.key.affinity;
    asking.expiry = request.expiry;
    asking.detail = request.text;
    asking.number = request.number;
  }
  void ask_many(const ManyRequest& request, Call* call) override {
    static constexpr const char* names[] = {"get_many", "set_many", "erase_many"};
    Asked& asking = note(names[static_cast<std::size_t>(request.verb)], request.options, call);
    asking.expiry = request.expiry;
    const auto of = [&](const Key& key) {
      asking.what.append(" ").append(key.made);
      asking.affinity.append(key.affinity).append(" ");
    };
    for (const Key& key : request.keys) of(key);
    for (const StoredEntry& entry : request.entries) of(entry.key);
  }
  Peeked peek(const Key&, std::string_view& bytes) override {
    bytes = stored;
    return peeked;
  }

 private:
  Asked& note(const char* what, const CallOptions& options, Call* call) {
    return asked.emplace_back(Asked{what, call, options});
  }
};

// The result that a callback received, and how often it ran.
template <class T>
struct Told {
  std::optional<Result<T>> result{};
  int calls = 0;

  auto callback() {
    return [this](Result<T> r) {
      ++calls;
      result.emplace(std::move(r));
    };
  }
  std::optional<Errc> error() const {
    return result && !result->ok() ? std::optional(result->error().code) : std::nullopt;
  }
};

class Rig : public testing::Test {
 protected:
  Rig();

  // Runs turns until nothing more is due.
  void run();
  void pass(std::uint64_t milliseconds);
  void destroy();  // like destroying an engine
  Cache cache() { return detail::Alias::handle(alias_); }
  const CacheStatistics& counted() const { return alias_->statistics; }

  // The oldest request not yet taken; fails the test unless it is this one.
  Asked next(std::string_view what);
  bool nothing_asked() const { return backend_.asked.empty(); }
  // Answers.
  void flag(const Asked& asked, bool flag);
  void number(const Asked& asked, std::int64_t number, bool flag = true);
  void value(const Asked& asked, const Value& value);
  void bytes(const Asked& asked, std::string_view bytes);
  void missing(const Asked& asked) { flag(asked, false); }
  void fail(const Asked& asked, Errc code);
  void page(const Asked& asked, std::string_view cursor, std::vector<std::string> keys);
  void end(const Asked& asked, const Outcome& outcome);
  std::string encoded(const Value& value);
  // Whether the places of all ended operations have been reused.
  bool places_are_free() { return cache().get("place", nullptr).index < 64; }

  static std::uint64_t now_ms;
  Calls calls_{[] {}, [] { return now_ms * 1000; }};
  AskedBackend backend_;
  std::shared_ptr<detail::Alias> alias_;
  std::vector<std::string> warnings_;
  double chance_ = 1;
};

}  // namespace djcache::cache::test
