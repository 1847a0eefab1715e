// TLS against real servers: everything else works on top of it. Who is accepted is the subject of
// tls_matrix_test.cc.
#include <djcache/lock.h>
#include <djcache/sync_cache.h>

#include "engine/tls_fixture.h"

namespace djcache {
namespace {

using Tls = TlsTest;

TEST_F(Tls, EveryVerbWorksOverIt) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Cache cache = this->cache(settings(server.tls_url(), trusting()));
  int ended = 0;
  std::string failed;
  const int verbs = call_every_verb(cache, [&](std::string_view verb, const Error* error) {
    ++ended;
    if (error != nullptr && error->code != Errc::key_not_found) {
      failed += std::string(verb) + ": " + to_string(*error) + '\n';
    }
  });
  EXPECT_TRUE(run_until([&] { return ended == verbs; }));
  EXPECT_EQ(failed, "");
  EXPECT_EQ(disconnect(engine()).connections, statistics().connects);
  EXPECT_EQ(our_handles(), "");
}

TEST_F(Tls, ValuesOfEverySizePassBothWays) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Verbs verbs = on(server);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4'095}, std::size_t{16'383},
        std::size_t{16'384}, std::size_t{16'385}, std::size_t{65'536}, std::size_t{120'000},
        std::size_t{262'144}, std::size_t{1'048'576}, std::size_t{20'000'000}}) {
    SCOPED_TRACE(size);
    std::string value(size, '.');
    for (std::size_t i = 0; i < size; ++i) value[i] = static_cast<char>('a' + i % 19);
    ASSERT_EQ(verbs.set("k", value, {.limit = 20s}), worked);
    EXPECT_EQ(verbs.get("k", {.limit = 20s}), value);
  }
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Tls, LargeTransactionsAndManyInFlightKeepTheirOrder) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Cache cache = this->cache(settings(server.tls_url(), trusting()));
  Entries large, many;
  for (int i = 0; i < 3; ++i)
    large.emplace_back("large" + std::to_string(i), std::string(1'000'000, 'x'));
  for (int i = 0; i < 4'000; ++i)
    many.emplace_back("many" + std::to_string(i), std::string(100, 'y'));
  int stored = 0, counted = 0;
  std::int64_t last = 0;
  for (int round = 0; round < 5; ++round) {
    for (const Entries* entries : {&large, &many}) {
      cache.set_many(*entries, {.limit = 20s},
                     [&](Result<std::vector<std::string>> r) { stored += r.ok() ? 1 : 0; });
    }
    cache.set("n", 0, {.limit = 20s}, nullptr);
    for (int i = 1; i <= 500; ++i) {
      cache.incr("n", {.limit = 20s}, [&, i](Result<std::int64_t> r) {
        ++counted;
        if (r.ok() && *r == i) ++last;
      });
    }
  }
  EXPECT_TRUE(run_until([&] { return counted == 2'500; }, 60s));
  EXPECT_EQ(stored, 10);
  EXPECT_EQ(last, 2'500) << "answers in the order of the calls";
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Tls, AServerThatClosesIsALossAndTheNextConnectionWorks) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Verbs verbs = on(server);
  const auto killer = inspect(server.endpoint());
  for (int round = 1; round <= 3; ++round) {
    ASSERT_EQ(verbs.set("k", round), worked);
    ASSERT_TRUE(killer->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).type !=
                harness::Reply::Type::error);
    EXPECT_EQ(verbs.get("k"), round);
  }
  ASSERT_TRUE(server.restart());
  EXPECT_EQ(verbs.get("k"), miss);
}

TEST_F(Tls, ThePortIsForSomethingElse) {
  harness::RedisServer& server = tls_server(authority_->issue());
  CacheSettings to_plain =
      settings("rediss://127.0.0.1:" + std::to_string(server.port()), trusting());
  to_plain.options.connect_limit = 300ms;
  Verbs encrypted = verbs(to_plain);
  const auto silent = encrypted.get("k");
  EXPECT_EQ(silent, Errc::tls_failed);
  EXPECT_THAT(silent.error().detail,
              HasSubstr("no answer to the TLS handshake; is this port for TLS?"));
  Verbs plain = verbs({.location = {"redis://127.0.0.1:" + std::to_string(server.tls_port())}});
  const auto refused = plain.get("k");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(refused.error().detail, HasSubstr("TLS"));
}

TEST_F(Tls, NobodyLooksAtTheCertificateIsSaidOnce) {
  harness::RedisServer& server = tls_server(authority_->issue({.self_signed = true}));
  TlsOptions blind;
  blind.verify = false;
  CacheSettings settings = this->settings(server.tls_url(), blind);
  settings.options.connections_max = 3;
  Verbs verbs = this->verbs(settings);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(verbs.set("k" + std::to_string(i), i), worked);
  const auto said = std::count_if(events_.begin(), events_.end(), [](const PoolEvent& event) {
    return event.kind == PoolEvent::Kind::unverified;
  });
  EXPECT_EQ(said, 1);
}

TEST_F(Tls, LeasesLocksAndSubscribersWorkOverIt) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Cache cache = this->cache(settings(server.tls_url(), trusting()));
  Lock lock = cache.lock("l", {.ttl = 30s});
  Answer<bool> taken, released;
  lock.acquire(taken.callback());
  EXPECT_EQ(wait(taken), true);
  lock.release(released.callback());
  EXPECT_EQ(wait(released), true);
  std::vector<std::string> heard;
  Subscriber subscriber =
      cache.client({}).subscribe({.channels = {"news"}, .on_message = [&](const Message& message) {
                                    heard.emplace_back(message.payload);
                                  }});
  ASSERT_TRUE(run_until([&] { return subscriber.subscribed(); }));
  const auto publisher = inspect(server.endpoint());
  publisher->command({"PUBLISH", "news", std::string(50'000, 'n')});
  EXPECT_TRUE(run_until([&] { return !heard.empty(); }));
  EXPECT_EQ(heard.empty() ? "" : heard.front(), std::string(50'000, 'n'));
}

TEST_F(Tls, FilesThatCannotBeReadBreakTheirAliasAlone) {
  Settings settings;
  settings.caches["default"].location = {server().url()};
  settings.caches["secure"].location = {"rediss://127.0.0.1:1"};
  settings.caches["secure"].options.tls = TlsOptions{.ca_file = "/nowhere/ca.pem"};
  Engine& engine = start(std::move(settings));
  EXPECT_EQ(engine.check().error().code, Errc::invalid_settings);
  EXPECT_EQ(engine.check().error().detail,
            "CACHES['secure']['OPTIONS']: ssl_ca_certs: No such file or directory");
  EXPECT_EQ(wait_for(engine.cache("secure")).get("k"), Errc::invalid_settings);
  EXPECT_EQ(wait_for(engine.cache()).get("k"), miss);
}

TEST_F(Tls, BlockingCallersUseIt) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Settings all;
  all.caches["default"] = settings(server.tls_url(0, "localhost"), trusting());
  SyncEngine engine(std::move(all));
  ASSERT_TRUE(engine.start().ok());
  SyncCache cache = engine.cache();
  ASSERT_TRUE(cache.set("k", std::string(300'000, 's')).ok());
  EXPECT_EQ(**cache.get("k"), Value(std::string(300'000, 's')));
  EXPECT_TRUE(engine.reload_tls().ok());
  EXPECT_TRUE(engine.stop().ok());
}

}  // namespace
}  // namespace djcache
