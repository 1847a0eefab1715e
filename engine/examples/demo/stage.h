// Stage: the environment of the demo: a loop and an engine, either on memory or with a redis-server
// and a second client that inspects it. Runs operations one by one, prints a line for each and
// checks it.
#pragma once

#include <djcache/djcache.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/redis_server.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace demo {

// Results as Python would print them.
std::string text(const djcache::Error& error);
std::string text(const djcache::Value& value);
std::string text(const std::optional<djcache::Value>& value);
std::string text(const djcache::Found& found);
std::string text(const std::vector<std::string>& keys);
std::string text(bool flag);
std::string text(std::int64_t number);
template <class T>
std::string text(const djcache::Result<T>& result) {
  if (!result.ok()) return text(result.error());
  if constexpr (std::is_void_v<T>) {
    return "None";
  } else {
    return text(*result);
  }
}

class Stage {
 public:
  // On memory.
  Stage();
  // Starts a server and makes the engine, with encrypted connections if `tls` is given. If that
  // fails, prints the reason, and good() is false.
  explicit Stage(djcache::harness::RedisServerOptions server,
                 std::optional<djcache::TlsOptions> tls = {});

  djcache::Cache cache() { return engine_->cache("default"); }
  const std::string& url() const { return url_; }  // "" on memory
  bool good() const { return good_; }

  // Prints one line: Django's call, djcache's answer, and what the cache holds under `key` now. If
  // the answer is not `expected`, marks the line, and good() is false.
  template <class T, class Start>
  void play(std::string_view django, std::string_view expected, std::string_view key, Start start) {
    line(django, text(ask<T>(std::move(start))), expected, key);
  }
  void line(std::string_view django, const std::string& answer, std::string_view expected,
            std::string_view key);
  void heading(std::string_view title);
  // Prints `what` and `value`. If they are not as they should be, marks the line, and good() is
  // false.
  void fact(std::string_view what, const std::string& value, bool as_it_should_be = true);

  // Prints one line: the TLS peer that an engine with these options connects to, or why it refuses
  // the server. The line must contain `expected`.
  void try_out(std::string_view what, const djcache::TlsOptions& tls, std::string_view expected);

  void show_statistics();
  void show_pools();
  // Disconnects, closes the loop, and shows that nothing is left.
  void close();

 private:
  // Runs the loop until the callback passed to `start` has been called.
  template <class T, class Start>
  djcache::Result<T> ask(Start start) {
    const auto answer = std::make_shared<std::optional<djcache::Result<T>>>();
    start(djcache::Callback<T>([answer](djcache::Result<T> r) { *answer = std::move(r); }));
    if (runner_.run_until([&] { return answer->has_value(); })) return std::move(**answer);
    return {djcache::Errc::timeout, runner_.problem()};
  }
  std::string held(std::string_view key);

  std::string held_in_memory(const std::string& key);

  std::optional<djcache::harness::StartResult> server_;
  djcache::harness::Opened<djcache::harness::Inspector> inspector_;
  std::string url_;
  djcache::harness::LoopRunner runner_;
  std::optional<djcache::Engine> engine_;
  bool good_ = false;
};

}  // namespace demo
