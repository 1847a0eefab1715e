// Rig: an alias over a backend that only writes down what it is asked. The tests answer, in the order and at the
// moment they like, and say when a turn of the loop comes and what time it is. Tests alone.
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
  std::string what;  // "get :1:k"
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
  Peeked peeked = Peeked::missing;  // what peek() answers, and with which bytes
  std::string stored{};

  void get(const Key& key, const CallOptions& options, Call* call) override {
    ask("get", key, options, call);
  }
  void set(const Key& key, const codec::Encoded&, const Expiry& expiry, const CallOptions& options,
           Call* call) override {
    ask("set", key, options, call).expiry = expiry;
  }
  void add(const Key& key, const codec::Encoded&, const Expiry& expiry, const CallOptions& options,
           Call* call) override {
    ask("add", key, options, call).expiry = expiry;
  }
  void touch(const Key& key, const Expiry& expiry, const CallOptions& options,
             Call* call) override {
    ask("touch", key, options, call).expiry = expiry;
  }
  void erase(const Key& key, const CallOptions& options, Call* call) override {
    ask("erase", key, options, call);
  }
  void has_key(const Key& key, const CallOptions& options, Call* call) override {
    ask("has_key", key, options, call);
  }
  void get_many(std::span<const Key> keys, const CallOptions& options, Call* call) override {
    ask_many("get_many", keys, options, call);
  }
  void set_many(std::span<const StoredEntry> entries, const Expiry& expiry,
                const CallOptions& options, Call* call) override {
    std::vector<Key> keys;
    for (const StoredEntry& entry : entries) keys.push_back(entry.key);
    ask_many("set_many", keys, options, call).expiry = expiry;
  }
  void erase_many(std::span<const Key> keys, const CallOptions& options, Call* call) override {
    ask_many("erase_many", keys, options, call);
  }
  void incr(const Key& key, std::int64_t delta, const CallOptions& options, Call* call) override {
    ask("incr", key, options, call).number = delta;
  }
  void move(const Key& from, const Key& to, const Expiry& expiry, const CallOptions& options,
            Call* call) override {
    Asked& asking = ask("move", from, options, call);
    asking.expiry = expiry;
    asking.detail = to.made;
  }
  void clear(const CallOptions& options, Call* call) override { ask("clear", {}, options, call); }
  void remaining(const Key& key, const CallOptions& options, Call* call) override {
    ask("remaining", key, options, call);
  }
  void replace(const Key& key, const codec::Encoded&, const Expiry& expiry,
               const CallOptions& options, Call* call) override {
    ask("replace", key, options, call).expiry = expiry;
  }
  void expire_in(const Key& key, std::int64_t milliseconds, const CallOptions& options,
                 Call* call) override {
    ask("expire_in", key, options, call).number = milliseconds;
  }
  void expire_at(const Key& key, std::int64_t unix_ms, const CallOptions& options,
                 Call* call) override {
    ask("expire_at", key, options, call).number = unix_ms;
  }
  void persist(const Key& key, const CallOptions& options, Call* call) override {
    ask("persist", key, options, call);
  }
  void scan(std::string_view cursor, std::string_view pattern, std::size_t count,
            const CallOptions& options, Call* call) override {
    Asked& asking = ask("scan", {cursor, {}}, options, call);
    asking.detail = pattern;
    asking.number = static_cast<std::int64_t>(count);
  }
  void lock(const Key& key, std::string_view token, const Expiry& expiry,
            const CallOptions& options, Call* call) override {
    Asked& asking = ask("lock", key, options, call);
    asking.expiry = expiry;
    asking.detail = token;
  }
  void unlock(const Key& key, std::string_view token, const CallOptions& options,
              Call* call) override {
    ask("unlock", key, options, call).detail = token;
  }
  void prolong(const Key& key, std::string_view token, std::int64_t milliseconds, bool more,
               const CallOptions& options, Call* call) override {
    Asked& asking = ask(more ? "extend" : "renew", key, options, call);
    asking.detail = token;
    asking.number = milliseconds;
  }
  void holds(const Key& key, std::string_view token, const CallOptions& options,
             Call* call) override {
    ask("holds", key, options, call).detail = token;
  }
  Peeked peek(const Key&, std::string_view& bytes) override {
    bytes = stored;
    return peeked;
  }

 private:
  Asked& ask(std::string what, const Key& key, const CallOptions& options, Call* call) {
    if (!key.made.empty()) what.append(" ").append(key.made);
    return asked.emplace_back(Asked{std::move(what), call, options, std::string(key.affinity)});
  }
  Asked& ask_many(std::string what, std::span<const Key> keys, const CallOptions& options,
                  Call* call) {
    Asked& asking = ask(std::move(what), {}, options, call);
    for (const Key& key : keys) {
      asking.what.append(" ").append(key.made);
      asking.affinity.append(key.affinity).append(" ");
    }
    return asking;
  }
};

// What a callback was told, and how often.
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

  // What the loop does each turn, until nothing more is due.
  void run();
  void pass(std::uint64_t milliseconds);
  void destroy();  // as destroying an engine does
  Cache cache() { return detail::Alias::handle(alias_); }
  const CacheStatistics& counted() const { return alias_->statistics; }

  // The oldest thing asked and not yet taken; expects it to be this.
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
  // Whether everything that ended has left its place to what came later.
  bool places_are_free() { return cache().get("place", nullptr).index < 64; }

  static std::uint64_t now_ms;
  Calls calls_{[] {}, [] { return now_ms * 1000; }};
  AskedBackend backend_;
  std::shared_ptr<detail::Alias> alias_;
  std::vector<std::string> warnings_;
  double chance_ = 1;
};

}  // namespace djcache::cache::test
