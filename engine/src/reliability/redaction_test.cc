// R22: no credential, value, token or script in any text that djcache makes, whatever a server
// repeats of its input; and no control character in it.
#include <djcache/client.h>
#include <djcache/harness/certificates.h>
#include <djcache/lock.h>
#include <djcache/statistics.h>
#include <djcache/subscriber.h>
#include <djcache/sync_cache.h>

#include <fstream>
#include <iterator>

#include "reliability/echo_peer_fixture.h"
#include "reliability/weather_fixture.h"

namespace djcache::reliability {
namespace {

const std::string password = "pa55w0rd-planted";
const std::string user = "us3r-planted";
const std::string signing_key = "s1gning-key-planted-0123456789";
const std::string cached_value = "va1ue-planted";
const std::string script = "return redis.call('GET', 'scr1pt-planted')";

class Redaction : public EngineTest {
 protected:
  // A line: without control characters, and bounded.
  void note(const std::string& text) {
    for (const char c : text)
      EXPECT_FALSE(static_cast<unsigned char>(c) < ' ' || c == '\x7f') << text;
    EXPECT_LE(text.size(), 2000u) << text;
    texts.push_back(text);
  }
  template <class T>
  void note(const Result<T>& result) {
    if (!result.ok()) note(to_string(result.error()));
  }
  void note_all(Engine& engine) {
    for (const Pool& pool : engine.pools()) note(pool.info().endpoint);
    texts.push_back(prometheus_text(engine.statistics()));
    for (const PoolEvent& event : events_) {
      note(event.endpoint);
      note(event.reason);
    }
    for (const std::string& warning : warnings_) note(warning);
    events_.clear();
    warnings_.clear();
  }
  template <class T, class Issue>
  void ask(Issue issue) {
    Answer<T> answer;
    issue(answer.callback());
    note(wait(answer));
  }
  // Every operation of a cache that works, or does not.
  void use(Cache cached) {
    Verbs verbs = wait_for(cached);
    note(verbs.set("a", cached_value));
    note(verbs.get("a"));
    note(verbs.incr("a"));
    note(verbs.add("a", Value("\xff" + cached_value)));
    note(verbs.set("b", Value::list({cached_value, "\xff"})));
    note(verbs.set_many({{"a", cached_value}, {"b", cached_value}}));
    note(verbs.set_many({{"a", cached_value}, {"b", cached_value}}, {.ttl = forever}));
    note(verbs.get_many({"a", "b"}));
    note(verbs.incr_version("none"));
    note(verbs.incr_version("a"));
    note(verbs.get_or_set("c", cached_value));
    note(verbs.get(std::string("odd\x1b[31m\r\n\0key", 13)));
    note(verbs.incr(std::string(70'000, 'k')));
    use_lock(cached);
    use_raw(cached);
  }
  void use_lock(Cache cached) {
    Lock lock = cached.lock("lock", {.ttl = 30s});
    ask<bool>([&](auto done) { lock.acquire({.blocking = false}, std::move(done)); });
    ask<bool>([&](auto done) { lock.extend(1s, std::move(done)); });
    ask<bool>([&](auto done) { lock.reacquire(std::move(done)); });
    ask<bool>([&](auto done) { lock.owned(std::move(done)); });
    ask<bool>([&](auto done) { lock.release(std::move(done)); });
  }
  void use_raw(Cache cached) {
    Client client = cached.client({});
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"AUTH", user, password},
                                               {"SELECT", password},
                                               {"LPUSH", ":1:a", cached_value},
                                               {"SET", ":1:a", cached_value},
                                               {"EVAL", script, "0"},
                                               {"EVAL", "oops('" + script, "0"},
                                               {"BITOP", "AND", ":1:x", ":1:list"},
                                               {"PUBLISH", "c", cached_value}}) {
      ask<Reply>([&](auto done) { client.command(words, std::move(done)); });
    }
    Pipeline pipeline;
    pipeline.add({"SET", ":1:a", cached_value}).add({"EVAL", script, "0"});
    ask<std::vector<Reply>>([&](auto done) { client.transaction(pipeline, {}, std::move(done)); });
    std::optional<Lease> lease;
    ask<bool>([&](auto done) {
      client.lease({}, [&, told = std::move(done)](Result<Lease> result) mutable {
        note(result);
        if (result.ok()) lease = std::move(*result);
        told(true);
      });
    });
    if (lease) {
      ask<Reply>([&](auto done) {
        lease->command({"AUTH", user, password + "!"}, std::move(done));
      });
      ask<Reply>([&](auto done) { lease->command({"auth", password + "!"}, std::move(done)); });
      ask<Reply>([&](auto done) { lease->command({"SET", "k", cached_value}, std::move(done)); });
    }
    bool ended = false;
    const Subscriber subscriber = client.subscribe(
        {.channels = {cached_value}, .on_event = [&](const SubscriberEvent& event) {
           if (event.error) note(to_string(*event.error));
           ended = true;
         }});
    EXPECT_TRUE(run_until([&] { return ended; }));
  }
  void expect_clean(const std::vector<std::string>& further = {}) {
    std::vector<std::string> secrets = {password,     user,   signing_key,
                                        cached_value, script, "scr1pt-planted"};
    secrets.insert(secrets.end(), further.begin(), further.end());
    for (const std::string& text : texts) {
      for (const std::string& secret : secrets) {
        EXPECT_EQ(text.find(secret), std::string::npos) << text << "\nhas " << secret;
      }
    }
  }
  void use_through_sync(const CacheSettings& settings) {
    Settings all;
    all.caches["default"] = settings;
    SyncEngine engine(all);
    note(engine.start());
    const SyncCache cached = engine.cache();
    note(cached.set("a", cached_value));
    note(cached.incr("a"));
    note(engine.stop());
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
  // Wrong credentials, a server that is gone, a missing database, invalid settings.
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

// Servers that repeat arguments: renamed commands, a user with few permissions.
TEST_F(Redaction, R22ARealServerThatRepeatsItsArgumentsGivesNothingAway) {
  const harness::AclUser humble{
      .name = user, .password = password, .rules = "~:1:* &none +get +set +auth"};
  for (const std::string renamed : {"AUTH", "SET", "EVAL", "HELLO", "CLIENT", "MULTI", "GET"}) {
    SCOPED_TRACE(renamed);
    harness::RedisServer& own =
        own_server({.extra_config = {"rename-command " + renamed + " \"\""}});
    const std::string place = "127.0.0.1:" + std::to_string(own.port());
    for (const std::string& credentials : {std::string(), user + ":" + password + "@"}) {
      const CacheSettings settings{.location = {"redis://" + credentials + place}};
      use(cache(settings));
      note_all(engine());
      use_through_sync(settings);
    }
    own.kill9();  // without CLIENT the server cannot be asked for remaining connections
  }
  harness::RedisServer& own = own_server({.users = {humble}});
  use(cache({.location = {own.url_as(humble)}}));
  note_all(engine());
  expect_clean();
}

TEST_F(Redaction, R22APeerThatRepeatsEverythingGivesNothingAway) {
  const EchoPeer::Manner manners[] = {
      {},
      {.begin = "-"},
      {.begin = "-NOPERM User "},
      {.begin = "-WRONGTYPE "},
      {.begin = "-EXECABORT Transaction discarded because of: "},
      {.before = "\x1b[31m"},
      {.before = std::string("\0", 1)},
      {.before = "\n"},
      {.before = "'", .begin = "-ERR unknown command 'x', With Args Beginning With: "},
      {.before = "\"", .size = 60'000},
      {.handshakes = false},
      {.begin = "-", .handshakes = false},
      {.before = "\x1b]0;", .size = 60'000, .handshakes = false},
      {.twice = true},
  };
  for (const EchoPeer::Manner& manner : manners) {
    EchoPeer peer(manner);
    const std::string place = "127.0.0.1:" + std::to_string(peer.port());
    Settings all;
    all.caches["default"].location = {"redis://" + user + ":" + password + "@" + place};
    use(start(all).cache());
    note_all(engine());
    use_through_sync(all.caches["default"]);
    std::vector<std::string> tokens;  // and everything else that is long
    for (const std::string& word : peer.words()) {
      if (word.size() >= 16 && word.find("kkkk") == word.npos) tokens.push_back(word);
    }
    expect_clean(tokens);
    texts.clear();
  }
}

#ifdef DJCACHE_WITH_TLS
const std::string passphrase = "pa55phrase-planted";

// The lines of a file in PEM that give it away.
std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream from(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(from, line);) {
    if (line.size() >= 16 && !line.starts_with("-----")) lines.push_back(line);
  }
  return lines;
}

class TlsRedaction : public Redaction {
 protected:
  // What is made of these options: settings that are wrong, or a server that is.
  void use_with(const TlsOptions& tls, const std::string& url) {
    Settings all;
    all.caches["default"].location = {url};
    all.caches["default"].options.tls = tls;
    all.caches["default"].options.command_limit = 2s;
    note(all.check());
    Engine& engine = start(all);
    note(engine.check());
    note(engine.reload_tls());
    use(engine.cache());
    note_all(engine);
    note(wait_for(engine.cache()).get("a"));
    use_through_sync(all.caches["default"]);
    std::string explained = all.explain("default");
    std::replace(explained.begin(), explained.end(), '\n', ' ');
    // It names the user, and is meant to.
    if (const auto at = explained.find(user); at != explained.npos)
      explained.erase(at, user.size());
    texts.push_back(explained);
  }
};

TEST_F(TlsRedaction, R22NoKeyPassphraseOrCertificateComesBack) {
  const auto authority = harness::CertificateAuthority::make();
  ASSERT_TRUE(authority) << authority.problem;
  const harness::Certificate client = authority->issue({.key_password = passphrase});
  const harness::Certificate plain = authority->issue();
  harness::RedisServer& own = own_server({.users = {{.name = user, .password = password}},
                                          .tls = authority->issue(),
                                          .tls_clients = "yes"});
  const std::string place = user + ":" + password + "@127.0.0.1:" + std::to_string(own.tls_port());
  const TlsOptions good{.ca_file = authority->ca_file(),
                        .cert_file = client.cert_file,
                        .key_file = client.key_file,
                        .key_password = passphrase};
  use_with(good, "rediss://" + place);
  const std::string secret_file = authority->folder() + "/secret";
  std::ofstream(secret_file) << "-----BEGIN CERTIFICATE-----\n" << passphrase << '\n';
  std::vector<TlsOptions> wrong(9, good);
  wrong[0].key_password = "wrong-" + passphrase;
  wrong[1].key_password = passphrase + std::string(5'000, 'x');
  wrong[2].key_file = plain.key_file;
  wrong[3].cert_file = wrong[3].key_file = secret_file;
  wrong[4].ca_file = wrong[4].crl_file = secret_file;
  wrong[5] = {.ca_data = passphrase};
  wrong[6].ciphers = passphrase;
  wrong[7] = {};  // no certificate, no authority
  wrong[8].server_name = "elsewhere.test";
  for (const TlsOptions& tls : wrong) use_with(tls, "rediss://" + place);
  use_with(good, "redis://" + place);
  // Somebody else's certificate, whose names are not ours to repeat.
  harness::RedisServer& other = own_server(
      {.tls = authority->issue(
           {.names = {"n4me-planted.test"}, .addresses = {}, .common_name = "n4me-planted"})});
  use_with(good, other.tls_url());
  note(Settings::from_json("{\"default\": {\"LOCATION\": \"rediss://" + place + "?ssl_password=" +
                           passphrase + "&ssl_keyfile=x&ssl_cert_reqs=" + passphrase + "\"}}"));
  std::vector<std::string> secrets = {passphrase, "n4me-planted"};
  for (const std::string& file : {client.key_file, plain.key_file, client.cert_file}) {
    const std::vector<std::string> lines = lines_of(file);
    ASSERT_GT(lines.size(), 1u) << file;
    secrets.insert(secrets.end(), lines.begin(), lines.end());
  }
  expect_clean(secrets);
  EXPECT_GT(texts.size(), 100u);
  figure("R22", "%zu texts of TLS looked at, 0 hits", texts.size());
}
#endif

}  // namespace
}  // namespace djcache::reliability
