// R22: no credential and no value in any text that djcache makes.
#include <djcache/statistics.h>

#include "reliability/weather_fixture.h"

namespace djcache::reliability {
namespace {

const std::string password = "pa55w0rd-planted";
const std::string user = "us3r-planted";
const std::string signing_key = "s1gning-key-planted-0123456789";
const std::string cached_value = "va1ue-planted";

class Redaction : public EngineTest {
 protected:
  void note(std::string text) { texts.push_back(std::move(text)); }
  template <class T>
  void note(const Result<T>& result) {
    if (!result.ok()) note(to_string(result.error()));
  }
  void note_all(Engine& engine) {
    for (const Pool& pool : engine.pools()) note(pool.info().endpoint);
    note(prometheus_text(engine.statistics()));
    for (const PoolEvent& event : events_) {
      note(event.endpoint);
      note(event.reason);
    }
    for (const std::string& warning : warnings_) note(warning);
  }
  // Everything that can be asked of a cache that works, or does not.
  void use(Cache cached) {
    Verbs verbs = wait_for(cached);
    note(verbs.set("a", cached_value));
    note(verbs.get("a"));
    note(verbs.incr("a"));
    note(verbs.add("a", Value("\xff" + cached_value)));
    note(verbs.set("b", Value::list({cached_value, "\xff"})));
    note(verbs.get_many({"a", "b"}));
    note(verbs.incr_version("none"));
    Client client = cached.client({});
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"AUTH", user, password}, {"SELECT", password}, {"LPUSH", ":1:a", cached_value}}) {
      Answer<Reply> answer;
      client.command(words, answer.callback());
      note(wait(answer));
    }
  }
  void expect_clean() {
    for (const std::string& text : texts) {
      for (const std::string& secret : {password, user, signing_key, cached_value}) {
        EXPECT_EQ(text.find(secret), std::string::npos) << text;
      }
    }
  }

  std::vector<std::string> texts;
};

TEST_F(Redaction, R22NoPlantedSecretComesBack) {
  harness::RedisServer& own = own_server({.users = {{.name = user, .password = password}}});
  const auto there = "@127.0.0.1:" + std::to_string(own.port());
  const std::string good = "redis://" + user + ":" + password + there + "/1";
  CacheSettings settings{.location = {good}};
  settings.options.signing_keys = {signing_key};
  use(cache(settings));
  note_all(engine());
  // Credentials that are wrong, a server that is gone, a database that is none, settings that are.
  for (const std::string& location :
       {"redis://" + user + ":wrong-" + password + there, "redis://" + password + there,
        "redis://" + user + ":" + password + "@127.0.0.1:1",
        "redis://" + user + ":" + password + there + "/99",
        "redis://" + user + ":" + password + "@" + password + "/x/y",
        "redis://" + user + ":" + password + "#" + there, "http://" + user + ":" + password + there,
        "unix://" + user + ":" + password + "@/no/such/socket"}) {
    Settings all;
    all.caches["default"].location = {location};
    all.caches["default"].options.command_limit = 2s;
    note(all.check());
    Engine& engine = start(all);
    use(engine.cache());
    note_all(engine);
  }
  note(Settings::from_json("{\"default\": {\"LOCATION\": \"redis://" + user + ":" + password +
                           there + "\", \"OPTIONS\": {\"password\": [\"" + password +
                           "\"], \"signing_keys\": \"" + signing_key + "\"}}}"));
  note(Settings::from_json("{\"default\": {\"LOCATION\": \"redis://" + user + ":" + password));
  expect_clean();
  EXPECT_GT(texts.size(), 60u);
  figure("R22", "%zu texts looked at, 0 hits", texts.size());
}

}  // namespace
}  // namespace djcache::reliability
