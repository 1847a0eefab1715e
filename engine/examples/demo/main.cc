// The demo: runs Django's cache calls one by one with djcache, first on memory without any server,
// then against a redis-server that the demo starts itself. Prints djcache's answer beside each
// call, and what the cache holds afterwards. With --tls: only against the redis-server, over
// encrypted connections. Exit code 0 if every line was as expected.
#include <chrono>
#include <cstdio>
#include <string_view>

#include "stage.h"
#include "tls.h"

using namespace std::chrono_literals;
using demo::Stage;
using djcache::Entries;
using djcache::forever;
using djcache::Found;
using djcache::Value;

namespace {

void set_and_get(Stage& stage) {
  djcache::Cache cache = stage.cache();
  stage.heading("Set and get. Without a timeout an entry lives for 300 s.");
  stage.play<void>("cache.set('greeting', 'bonjour')", "None", ":1:greeting",
                   [&](auto done) { cache.set("greeting", "bonjour", std::move(done)); });
  stage.play<std::optional<Value>>("cache.get('greeting')", "'bonjour'", "",
                                   [&](auto done) { cache.get("greeting", std::move(done)); });
  stage.play<std::optional<Value>>("cache.get('nobody')", "None (a miss)", ":1:nobody",
                                   [&](auto done) { cache.get("nobody", std::move(done)); });
  stage.play<void>("cache.set('nothing', None, 60)", "None", ":1:nothing", [&](auto done) {
    cache.set("nothing", nullptr, {.ttl = 60s}, std::move(done));
  });
  stage.play<std::optional<Value>>("cache.get('nothing')", "None", "",
                                   [&](auto done) { cache.get("nothing", std::move(done)); });
}

void add_and_count(Stage& stage) {
  djcache::Cache cache = stage.cache();
  stage.heading("Add and count.");
  stage.play<bool>("cache.add('greeting', 'hello')", "False", ":1:greeting",
                   [&](auto done) { cache.add("greeting", "hello", std::move(done)); });
  stage.play<bool>("cache.add('visits', 41, None)", "True", ":1:visits",
                   [&](auto done) { cache.add("visits", 41, {.ttl = forever}, std::move(done)); });
  stage.play<std::int64_t>("cache.incr('visits')", "42", ":1:visits",
                           [&](auto done) { cache.incr("visits", std::move(done)); });
  stage.play<std::int64_t>("cache.decr('visits', 2)", "40", ":1:visits",
                           [&](auto done) { cache.decr("visits", {.delta = 2}, std::move(done)); });
  stage.play<std::int64_t>("cache.incr('nobody')", "ValueError (key_not_found)", ":1:nobody",
                           [&](auto done) { cache.incr("nobody", std::move(done)); });
}

void many(Stage& stage) {
  djcache::Cache cache = stage.cache();
  stage.heading("Many at once, in one round trip.");
  stage.play<std::vector<std::string>>(
      "cache.set_many({'a': 1, 'b': [2, 'x']}, 30)", "[]", ":1:b", [&](auto done) {
        const Entries entries = {{"a", 1}, {"b", Value::list({2, "x"})}};
        cache.set_many(entries, {.ttl = 30s}, std::move(done));
      });
  stage.play<Found>("cache.get_many(['a', 'b', 'nobody'])", "{'a': 1, 'b': [2, 'x']}", "",
                    [&](auto done) {
                      cache.get_many({"a", "b", "nobody"}, std::move(done));
                    });
}

void get_or_set(Stage& stage) {
  djcache::Cache cache = stage.cache();
  int computed = 0;
  const auto report = [&] { return Value("report " + std::to_string(++computed)); };
  stage.heading("Get or set. The function is called on a miss only.");
  for (int i = 0; i < 2; ++i) {
    stage.play<Value>(
        "cache.get_or_set('report', compute, 120)", "'report 1'", ":1:report",
        [&](auto done) { cache.get_or_set("report", report, {.ttl = 120s}, std::move(done)); });
  }
  stage.line("times that compute() was called", demo::text(std::int64_t{computed}), "1", "");
  stage.play<Value>("three at once: cache.get_or_set('slow', ...)", "'report 2'", ":1:slow",
                    [&](auto done) {
                      cache.get_or_set("slow", report, {.ttl = 120s}, nullptr);
                      cache.get_or_set("slow", report, {.ttl = 120s}, nullptr);
                      cache.get_or_set("slow", report, {.ttl = 120s}, std::move(done));
                    });
  stage.line("times that compute() was called", demo::text(std::int64_t{computed}), "2", "");
}

void versions(Stage& stage) {
  djcache::Cache cache = stage.cache();
  stage.heading("Versions. Each is a key of its own.");
  stage.play<void>("cache.set('page', 'new', version=2)", "None", ":2:page",
                   [&](auto done) { cache.set("page", "new", {.version = 2}, std::move(done)); });
  stage.play<std::optional<Value>>("cache.get('page')", "None (a miss)", ":1:page",
                                   [&](auto done) { cache.get("page", std::move(done)); });
  stage.play<std::int64_t>("cache.incr_version('page', version=2)", "3", ":3:page", [&](auto done) {
    cache.incr_version("page", {.version = 2}, std::move(done));
  });
}

void expiry_and_end(Stage& stage) {
  djcache::Cache cache = stage.cache();
  stage.heading("Expiry and the end of entries.");
  stage.play<bool>("cache.touch('greeting', 10)", "True", ":1:greeting",
                   [&](auto done) { cache.touch("greeting", {.ttl = 10s}, std::move(done)); });
  stage.play<bool>("cache.touch('greeting', None)", "True", ":1:greeting",
                   [&](auto done) { cache.touch("greeting", {.ttl = forever}, std::move(done)); });
  stage.play<void>("cache.set('greeting', 'adieu', 0)", "None", ":1:greeting", [&](auto done) {
    cache.set("greeting", "adieu", {.ttl = 0s}, std::move(done));
  });
  stage.play<bool>("cache.delete('visits')", "True", ":1:visits",
                   [&](auto done) { cache.delete_("visits", std::move(done)); });
  stage.play<bool>("cache.clear()", "True", ":1:report",
                   [&](auto done) { cache.clear(std::move(done)); });
}

bool play_all(Stage& stage) {
  std::printf("%-45s%-28s%s\n", "IN DJANGO", "DJCACHE ANSWERS", "AND THE CACHE HOLDS");
  set_and_get(stage);
  add_and_count(stage);
  many(stage);
  get_or_set(stage);
  versions(stage);
  expiry_and_end(stage);
  stage.show_statistics();
  stage.close();
  return stage.good();
}

bool on_memory() {
  Stage stage;
  std::printf("djcache %s. First on memory: no server, no settings.\n\n",
              djcache::version_string());
  return play_all(stage);
}

bool on_redis() {
  Stage stage(djcache::harness::RedisServerOptions{});
  if (!stage.good()) return false;
  std::printf(
      "\n\nNow the same calls against a redis-server of its own at %s:\n"
      "one line of settings more.\n",
      stage.url().c_str());
  std::printf(
      "Integers are decimal text, so the server can add to them; other values are pickled,\n"
      "as Django's are: '\\x80\\x05\\x95...bonjour\\x94.' is a string.\n\n");
  return play_all(stage);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // flush each line, even into a pipe
  const bool encrypted = argc == 2 && argv[1] == std::string_view("--tls");
  if (argc > 1 && !encrypted) return std::fprintf(stderr, "usage: %s [--tls]\n", argv[0]), 2;
  bool good = true;
  if (encrypted) {
    good = demo::over_tls(play_all);
  } else {
    good = on_memory();
    good = on_redis() && good;
  }
  std::printf("\n%s\n", good ? "Everything was as it should be."
                             : "Something was not as it should be: see the marked lines.");
  std::puts("What your own CACHES mean to djcache: djcache-settings [--probe] caches.json");
  return good ? 0 : 1;
}
