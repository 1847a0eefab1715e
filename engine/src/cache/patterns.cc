// The operations on all keys that match a pattern: keys, iter_keys, delete_pattern. Each walks
// through the keys of the backend page by page, as one operation of several steps.
//
// Source: django_redis/client/default.py (keys, iter_keys, delete_pattern, make_pattern).
#include <djcache/cache.h>

#include "cache/get_or_set_steps.h"
#include "cancelled.h"
#include "key_pattern.h"

namespace djcache {

using namespace cache;
using detail::Alias;

namespace {

// The part of a stored key in front of the caller's key; nullopt: a KEY_FUNCTION that makes keys in
// another way.
std::optional<std::string> prefix_of(Alias& alias, const std::optional<std::int64_t>& version) {
  // ends with bytes that no key function would add
  constexpr std::string_view probe = "djcache*probe";
  const std::string_view made = alias.keys.make(probe, version);
  if (!made.ends_with(probe)) return std::nullopt;
  return std::string(made.substr(0, made.size() - probe.size()));
}

std::string escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

struct Page {
  std::string cursor;
  std::vector<std::string> made;
};
struct ToPage {
  Result<Page> operator()(const Outcome& outcome) const {
    Page page{std::string(outcome.bytes), {}};
    for (std::string_view key; outcome.many->next(key);) page.made.emplace_back(key);
    return page;
  }
};
struct ToCount {
  Result<std::int64_t> operator()(const Outcome& outcome) const { return outcome.integer; }
};

// One walk. The derived class handles the pages.
template <class T>
class Walk : public Call {
 public:
  Walk(std::shared_ptr<Alias> alias, const PatternOptions& options, Callback<T>&& done)
      : alias_(std::move(alias)), done_(std::move(done)), way_(std::make_unique<Way>()) {
    way_->page_size = std::max<std::size_t>(options.page_size, 1);
    way_->options.limit_ms = limit_of(*alias_, options.limit);
  }

  void start(std::string_view pattern, const std::optional<std::int64_t>& version) {
    std::optional<std::string> prefix = prefix_of(*alias_, version);
    if (!prefix) {
      return alias_->calls->defer(
          this, {Errc::not_supported, "keys of CACHES['" + alias_->name +
                                          "'] cannot be found by a pattern: its KEY_FUNCTION makes "
                                          "keys that do not end in the caller's"});
    }
    way_->prefix = *std::move(prefix);
    way_->asked = pattern;
    way_->pattern = escaped(way_->prefix).append(pattern);
    next_page();
  }

  // Called with errors only.
  void finish(const Outcome& outcome) override { end(outcome.error); }

 protected:
  // Handles the keys of a page, as stored. False: that takes a step of its own, which continues
  // with proceed().
  virtual bool take(std::vector<std::string>& made) = 0;
  virtual T result() = 0;

  void proceed() {
    if (given_up()) return release();
    if (way_->cursor == "0" || way_->stopped) return end(nullptr);
    next_page();
  }
  void end(const Error* error) {
    if (given_up()) return release();
    const Error cancelled = cancelled_by_caller();
    if (error == nullptr && being_cancelled()) error = &cancelled;
    Result<T> told = error != nullptr ? Result<T>(*error) : Result<T>(result());
    Callback<T> done = std::move(done_);
    count_end(error);
    release();
    if (done) done(std::move(told));
  }
  void stop() { way_->stopped = true; }
  // The caller's key. REQUIRES: the key passed take().
  std::string_view bare(std::string_view made) const { return made.substr(way_->prefix.size()); }
  const CallOptions& options() const { return way_->options; }
  Alias& alias() { return *alias_; }

 private:
  struct Way {
    std::size_t page_size = 0;
    CallOptions options;
    std::string prefix;
    std::string asked;    // the caller's pattern
    std::string pattern;  // of stored keys
    std::string cursor = "0";
    bool stopped = false;
  };

  void give_up(const Error& error) override {
    Callback<T> done = std::move(done_);
    count_end(&error);
    if (done) done(failed<T>(error));
  }
  // A server may ignore MATCH: keys that do not match are skipped, and above all not deleted.
  bool is_ours(std::string_view made) const {
    return made.starts_with(way_->prefix) && matches_pattern(way_->asked, bare(made));
  }
  void next_page() {
    take_step<Page>(
        *alias_, *this, ToPage{},
        [](Walk& self, Result<Page> page) {
          if (self.given_up()) return self.release();
          if (!page.ok()) return self.end(&page.error());
          self.way_->options.continuation = true;
          self.way_->cursor = std::move(page->cursor);
          std::erase_if(page->made, [&](const std::string& made) { return !self.is_ours(made); });
          if (self.take(page->made)) self.proceed();
        },
        [&](Call* step) {
          alias_->backend->ask({.verb = Verb::scan,
                                .key = {way_->cursor, {}},
                                .options = way_->options,
                                .number = static_cast<std::int64_t>(way_->page_size),
                                .text = way_->pattern},
                               step);
        });
  }

  std::shared_ptr<Alias> alias_;
  Callback<T> done_;
  std::unique_ptr<Way> way_;
};

class Collect final : public Walk<std::vector<std::string>> {
 public:
  Collect(std::shared_ptr<Alias> alias, const PatternOptions& options,
          Callback<std::vector<std::string>>&& done)
      : Walk(std::move(alias), options, std::move(done)), max_(options.keys_max) {}

 private:
  bool take(std::vector<std::string>& made) override {
    for (const std::string& key : made) keys_.emplace_back(bare(key));
    if (keys_.size() > max_) remove_doubles();
    if (keys_.size() <= max_) return true;
    const Error error{Errc::overloaded, "more than keys_max (" + std::to_string(max_) +
                                            ") keys match the pattern; raise it, or use iter_keys"};
    end(&error);
    return false;
  }
  std::vector<std::string> result() override {
    remove_doubles();
    return std::move(keys_);
  }
  void remove_doubles() {
    std::sort(keys_.begin(), keys_.end());
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
  }

  std::size_t max_;
  std::vector<std::string> keys_;
};

class Iterate final : public Walk<std::int64_t> {
 public:
  Iterate(std::shared_ptr<Alias> alias, const PatternOptions& options, Cache::EachKeys&& each,
          Callback<std::int64_t>&& done)
      : Walk(std::move(alias), options, std::move(done)), each_(std::move(each)) {}

 private:
  bool take(std::vector<std::string>& made) override {
    if (made.empty() || !each_) return true;
    std::vector<std::string> keys;
    for (const std::string& key : made) keys.emplace_back(bare(key));
    count_ += static_cast<std::int64_t>(keys.size());
    // The user's code may destroy the engine, and this operation with it.
    const std::weak_ptr<Calls> calls = alias().calls;
    const Ticket own = ticket();
    Cache::EachKeys each = std::move(each_);
    const bool more = each(keys);
    auto* self = find_operation<Iterate>(calls, own);
    if (self == nullptr) return false;
    self->each_ = std::move(each);
    if (!more) self->stop();
    return true;
  }
  std::int64_t result() override { return count_; }

  Cache::EachKeys each_;
  std::int64_t count_ = 0;
};

class Erase final : public Walk<std::int64_t> {
 public:
  using Walk::Walk;

 private:
  bool take(std::vector<std::string>& made) override {
    if (made.empty()) return true;
    std::vector<Key> keys;
    for (const std::string& key : made) keys.push_back({key, bare(key)});
    take_step<std::int64_t>(
        alias(), *this, ToCount{},
        [](Erase& self, Result<std::int64_t> erased) {
          if (!erased.ok()) return self.end(&erased.error());
          self.count_ += *erased;
          self.proceed();
        },
        [&](Call* step) {
          alias().backend->ask_many({.verb = ManyVerb::erase, .keys = keys, .options = options()},
                                    step);
        });
    return false;
  }
  std::int64_t result() override { return count_; }

  std::int64_t count_ = 0;
};

template <class Kind, class... Args>
Ticket walk(const std::shared_ptr<Alias>& alias, std::string_view pattern,
            const PatternOptions& options, Args&&... args) {
  if (!usable(*alias)) return {};
  Kind* call = alias->calls->make<Kind>(alias, options, std::forward<Args>(args)...);
  const Ticket ticket = call->ticket();
  alias->calls->issue(call, [&](Call*) {
    alias->calls->enroll(call);
    if (alias->broken) return alias->calls->defer(call, *alias->broken);
    call->count_in(alias->statistics);
    call->start(pattern, options.version);
  });
  return ticket;
}

}  // namespace

Ticket Cache::keys(std::string_view pattern, const PatternOptions& options,
                   Callback<std::vector<std::string>> done) const {
  return walk<Collect>(alias_, pattern, options, std::move(done));
}

Ticket Cache::iter_keys(std::string_view pattern, const PatternOptions& options, EachKeys each,
                        Callback<std::int64_t> done) const {
  return walk<Iterate>(alias_, pattern, options, std::move(each), std::move(done));
}

Ticket Cache::delete_pattern(std::string_view pattern, const PatternOptions& options,
                             Callback<std::int64_t> done) const {
  return walk<Erase>(alias_, pattern, options, std::move(done));
}

}  // namespace djcache
