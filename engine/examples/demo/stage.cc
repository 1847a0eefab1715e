#include "stage.h"

#include <algorithm>
#include <cstdio>

namespace demo {

using namespace djcache;

std::string text(const Error& error) {
  // Django raises ValueError for a missing key.
  return (error.code == Errc::key_not_found ? "ValueError (" : "error (") +
         std::string(to_string(error.code)) + ")";
}
std::string text(const Value& value) { return to_string(value); }
std::string text(const std::optional<Value>& value) {
  return value ? to_string(*value) : "None (a miss)";
}
std::string text(const Found& found) {
  Value dict = Value::dict();
  for (const auto& [key, value] : found) dict.put(key, value);
  return to_string(dict);
}
std::string text(const std::vector<std::string>& keys) {
  return to_string(Value::list({keys.begin(), keys.end()}));
}
std::string text(bool flag) { return flag ? "True" : "False"; }
std::string text(std::int64_t number) { return std::to_string(number); }

namespace {

constexpr std::size_t django_width = 44;
constexpr std::size_t answer_width = 27;

std::string padded(std::string_view text, std::size_t width) {
  std::string line(text);
  line.resize(std::max(width, line.size()), ' ');
  return line + ' ';
}

// Bytes as a Python literal without the leading b, so that text is readable.
std::string quoted(const std::string& bytes) { return to_string(Value::bytes(bytes)).substr(1); }

}  // namespace

Stage::Stage() : good_(true) { engine_.emplace(runner_.loop(), Settings{}); }

Stage::Stage(harness::RedisServerOptions server, std::optional<TlsOptions> tls) {
  server_.emplace(harness::RedisServer::start(std::move(server)));
  harness::StartResult& started = *server_;
  if (started) inspector_ = harness::Inspector::open(started->endpoint());
  if (!started || !inspector_) {
    std::fprintf(stderr, "This part of the demo needs a redis-server: %s%s\n",
                 started.problem.c_str(), inspector_.problem.c_str());
    return;
  }
  url_ = tls ? started->tls_url() : started->url();
  CacheSettings settings{.location = {url_}};
  settings.options.tls = std::move(tls);
  engine_.emplace(runner_.loop(), Settings{.caches = {{"default", std::move(settings)}}});
  good_ = true;
}

void Stage::heading(std::string_view title) {
  std::printf("\n%s\n%s\n", std::string(title).c_str(), std::string(title.size(), '-').c_str());
}

void Stage::line(std::string_view django, const std::string& answer, std::string_view expected,
                 std::string_view key) {
  const bool as_expected = answer == expected;
  good_ = good_ && as_expected;
  std::printf("%s%s%s%s%s\n", padded(django, django_width).c_str(),
              (key.empty() ? answer : padded(answer, answer_width)).c_str(),
              key.empty() ? "" : held(key).c_str(), as_expected ? "" : "   <-- expected ",
              as_expected ? "" : std::string(expected).c_str());
}

std::string Stage::held(std::string_view key) {
  const std::string name(key);
  if (!server_) return held_in_memory(name);
  const auto bytes = inspector_->raw(name);
  if (!bytes) return name + ": nothing";
  const auto life = inspector_->pttl(name);
  const std::string expiry =
      !life || *life < 0 ? "for ever" : std::to_string((*life + 999) / 1000) + " s";
  return name + ": " + quoted(*bytes) + ", " + expiry;
}

// `key` is as on a server: ":1:greeting" is version 1 of 'greeting'.
std::string Stage::held_in_memory(const std::string& key) {
  const std::size_t colon = key.find(':', 1);
  const auto value = cache().peek(key.substr(colon + 1), {.version = std::stoll(key.substr(1))});
  if (!value.ok()) return key + ": " + text(value.error());
  return key + ": " + (value->has_value() ? text(**value) : "nothing");
}

void Stage::fact(std::string_view what, const std::string& value, bool as_it_should_be) {
  good_ = good_ && as_it_should_be;
  std::printf("  %s%s%s\n", padded(what, 34).c_str(), value.c_str(),
              as_it_should_be ? "" : "   <-- wrong");
}

void Stage::try_out(std::string_view what, const TlsOptions& tls, std::string_view expected) {
  CacheSettings settings{.location = {url_}};
  settings.options.tls = tls;
  Engine engine(runner_.loop(), Settings{.caches = {{"default", settings}}});
  const auto got = ask<std::optional<Value>>(
      [&](auto done) { engine.cache("default").get("greeting", std::move(done)); });
  std::string found = got.ok() ? "nothing" : got.error().detail;
  if (const auto peer = engine.pools().at(0).info().tls; got.ok() && peer) {
    found = peer->version + ", " + peer->cipher + ", by " + peer->issuer;
  }
  fact(what, found, found.find(expected) != found.npos);
  bool ended = false;
  engine.disconnect({}, [&](const DisconnectReport&) { ended = true; });
  if (!runner_.run_until([&] { return ended; })) fact("disconnect", runner_.problem(), false);
}

void Stage::show_statistics() {
  const CacheStatistics numbers = cache().statistics();
  heading("What was counted (engine.statistics(), also as Prometheus text)");
  fact("operations", std::to_string(numbers.operations), numbers.operations > 0);
  fact("hits, misses", std::to_string(numbers.hits) + ", " + std::to_string(numbers.misses),
       numbers.hits > 0);
  fact("producers called, calls that shared",
       std::to_string(numbers.produced) + ", " + std::to_string(numbers.coalesced),
       numbers.produced == 2 && numbers.coalesced == 2);
  show_pools();
}

void Stage::show_pools() {
  for (const Pool& pool : engine_->pools()) {
    const PoolInfo info = pool.info();
    const PoolStatistics& numbers = info.statistics;
    heading("The pool of " + info.endpoint);
    fact("connections", std::to_string(info.connections), info.connections == 1);
    fact("operations sent", std::to_string(numbers.operations));
    fact("replies received", std::to_string(numbers.replies),
         numbers.replies == numbers.operations);
    fact("bytes sent", std::to_string(numbers.bytes_sent));
    fact("bytes received", std::to_string(numbers.bytes_received));
    fact("timeouts, retries, protocol errors",
         std::to_string(numbers.timeouts) + ", " + std::to_string(numbers.retries) + ", " +
             std::to_string(numbers.protocol_errors),
         numbers.timeouts + numbers.retries + numbers.protocol_errors == 0);
  }
}

void Stage::close() {
  heading("engine.disconnect()");
  std::optional<DisconnectReport> report;
  engine_->disconnect({}, [&](DisconnectReport r) { report = r; });
  if (!runner_.run_until([&] { return report.has_value(); })) {
    return fact("disconnect", runner_.problem(), false);
  }
  fact("connections closed", std::to_string(report->connections),
       report->connections == (server_ ? 1u : 0u));
  fact("operations aborted", std::to_string(report->aborted), report->aborted == 0);

  const auto left = runner_.handles_under_test();
  fact("handles of ours on the loop", left.empty() ? "none" : harness::format(left), left.empty());
  if (server_) {
    const harness::Outcome clients = inspector_->wait_for_clients(0);
    fact("clients of ours on the server", clients ? "none" : clients.problem, clients.ok());
  }
  const harness::TeardownReport end = runner_.teardown();
  fact("uv_loop_close", std::to_string(end.uv_loop_close_result), end.ok);
}

}  // namespace demo
