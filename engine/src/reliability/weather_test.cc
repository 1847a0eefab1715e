// Real sockets under stress: R07 teardown, R08 and R09 limits, R10 kill -9, R11 many callers, R12 a
// stopped server, R13 a storm of reconnections.
#include "reliability/weather_fixture.h"
#include "sanitized.h"

namespace djcache::reliability {
namespace {

class Weather : public EngineTest {
 protected:
  // A get or set of one of `keys` keys; its result is tallied and its value checked.
  void operate(Cache cached, Tally& tally, Random& random, std::uint64_t keys,
               std::function<void()> then = {}) {
    const std::string key = "key" + std::to_string(random.below(keys));
    const std::size_t operation = tally.begin();
    if (random.below(2) == 0) {
      cached.set(key, value_of(key, random.next()), [&tally, operation, then](Result<void> r) {
        tally.hear(operation, r.ok() ? nullptr : &r.error());
        if (then) then();
      });
      return;
    }
    cached.get(key, [&tally, operation, key, then](Result<std::optional<Value>> r) {
      tally.hear(operation, r.ok() ? nullptr : &r.error());
      if (r.ok() && r->has_value() && !is_value_of(key, **r)) ++tally.foreign;
      if (then) then();
    });
  }
  void expect_sound(const Tally& tally) {
    EXPECT_EQ(tally.answered, tally.begun());
    EXPECT_EQ(tally.twice, 0u);
    EXPECT_EQ(tally.foreign, 0u);
  }
};

using ull = unsigned long long;

double p99_below_ms(const LatencyHistogram& latency) {
  std::uint64_t left = latency.count() / 100;
  for (std::size_t bucket = LatencyHistogram::buckets; bucket-- > 1;) {
    if (latency.counts[bucket] > left) {
      return static_cast<double>(LatencyHistogram::upper_bound_us(bucket)) / 1000;
    }
    left -= latency.counts[bucket];
  }
  return 0.008;
}

TEST_F(Weather, R07ThousandsOfTeardownsLeaveNothing) {
  const std::uint64_t cycles = times({100, 10'000, 100'000});
  const std::uint64_t with_pending = cycles / 10;
  Settings settings;
  settings.caches["default"].location = {server().url()};
  const auto cycle = [&](bool pending) {
    uv_loop_t loop;
    ASSERT_EQ(uv_loop_init(&loop), 0);
    Engine engine(loop, settings);
    Cache cached = engine.cache();
    int told = 0, reports = 0;
    cached.set("a", 1, [&](Result<void> r) { told += r.ok() ? 1 : 100; });
    cached.get("a", [&](Result<std::optional<Value>>) {
      ++told;
      if (pending) {
        for (int i = 0; i < 3; ++i) {
          cached.get("a", [&](Result<std::optional<Value>>) { ++told; });
        }
      }
      engine.disconnect({.mode = pending ? DisconnectMode::abort : DisconnectMode::drain},
                        [&](DisconnectReport) { ++reports; });
    });
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(told, pending ? 5 : 2);
    EXPECT_EQ(reports, 1);
    ASSERT_EQ(uv_loop_close(&loop), 0);
  };
  cycle(false);
  const std::size_t descriptors = open_descriptors();
  for (std::uint64_t i = 0; i < cycles && !HasFatalFailure(); ++i) cycle(false);
  for (std::uint64_t i = 0; i < with_pending && !HasFatalFailure(); ++i) cycle(true);
  EXPECT_EQ(open_descriptors(), descriptors);
  figure("R07", "%llu cycles, %llu with operations in flight, %zu descriptors throughout",
         static_cast<ull>(cycles), static_cast<ull>(with_pending), descriptors);
}

TEST_F(Weather, R08NobodyWaitsLongerThanItsLimitForASilentServer) {
  const std::uint64_t operations = times({500, 10'000, 100'000});
  Cache cached = scripted(after_handshake().hold(), {.options = {.command_limit = 50ms}});
  Tally tally;
  std::uint64_t begun_in_turns = 0;
  std::vector<std::uint64_t> late_us;
  const auto clock = [] { return std::chrono::steady_clock::now(); };
  while (begun_in_turns < operations) {
    // The caller writes all the time.
    for (int i = 0; i < 50; ++i, ++begun_in_turns) {
      const std::size_t operation = tally.begin();
      const auto due = clock() + 50ms;
      cached.get("key" + std::to_string(i), [&, operation, due](Result<std::optional<Value>> r) {
        tally.hear(operation, r.ok() ? nullptr : &r.error());
        const auto late = std::chrono::duration_cast<std::chrono::microseconds>(clock() - due);
        late_us.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(0, late.count())));
      });
    }
    runner_.run_for_turns(1);
  }
  ASSERT_TRUE(run_until([&] { return tally.answered == tally.begun(); }, 60s));
  expect_sound(tally);
  EXPECT_EQ(
      tally.of(Errc::timeout) + tally.of(Errc::connection_lost) + tally.of(Errc::connect_failed),
      tally.begun());
  std::sort(late_us.begin(), late_us.end());
  figure("R08", "%zu operations failed, p50 %.1f ms and p99 %.1f ms after their limit",
         tally.begun(), static_cast<double>(late_us[late_us.size() / 2]) / 1000,
         static_cast<double>(late_us[late_us.size() * 99 / 100]) / 1000);
}

TEST_F(Weather, R09OneSlowCommandAmongAThousandFailsAlone) {
  const std::uint64_t rounds = times({1, 20, 200});
  Cache cached = cache({.options = {.command_limit = 60s, .stall_limit = 60s}});
  Client client = cached.client({});
  Answer<Reply> connected;
  client.command({"PING"}, connected.callback());
  ASSERT_TRUE(wait(connected).ok());
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Tally tally;
    Random random(round + 1);
    const std::uint64_t late = statistics().late_replies;
    for (int i = 0; i < 500; ++i) operate(cached, tally, random, 50);
    Answer<Reply> slow;
    client.command({"EVAL", "for i=1,20000000 do end return 'late'", "0"},
                   CommandOptions{.limit = 1ms}, slow.callback());
    for (int i = 0; i < 500; ++i) operate(cached, tally, random, 50);
    EXPECT_EQ(wait(slow), Errc::timeout);
    ASSERT_TRUE(run_until([&] { return tally.answered == tally.begun(); }, 60s));
    expect_sound(tally);
    EXPECT_EQ(tally.failed(), 0u);
    EXPECT_EQ(statistics().late_replies, late + 1);
  }
  figure("R09",
         "%llu rounds of one slow command among 1,000: only it failed, its reply reached nobody",
         static_cast<ull>(rounds));
}

TEST_F(Weather, R10AServerThatIsKilledAgainAndAgainLosesNoCallback) {
  const auto how_long = std::chrono::seconds(times({2, 60, 600}));
  harness::RedisServer& own = own_server();
  Cache cached =
      cache({.location = {own.url()}, .options = {.backoff_max = 20ms, .connections_max = 2}});
  Tally tally;
  Random random(20231);
  bool ending = false;
  std::uint64_t callers = 0;
  std::function<void()> again = [&] {
    if (ending) {
      --callers;
      return;
    }
    operate(cached, tally, random, 200, again);
  };
  for (callers = 0; callers < 64;) {
    ++callers;
    again();
  }
  std::uint64_t kills = 0;
  const auto end = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < end) {
    const std::uint64_t good = tally.good;
    ASSERT_TRUE(run_until([&] { return tally.good > good + 500; }, 30s)) << runner_.problem();
    own.kill9();
    ++kills;
    const std::uint64_t failed = tally.failed();
    run_until([&] { return tally.failed() > failed + 64; }, 5s);
    ASSERT_TRUE(own.restart());
  }
  ending = true;
  ASSERT_TRUE(run_until([&] { return callers == 0; }, 30s));
  expect_sound(tally);
  figure(
      "R10",
      "%llu kills, %zu operations, %llu of them failed; each was answered once, no foreign value",
      static_cast<ull>(kills), tally.begun(), static_cast<ull>(tally.failed()));
}

TEST_F(Weather, R11TenThousandCallersAtOnceAreAllAnswered) {
  const std::uint64_t rounds = times({1, 20, 500});
  Cache cached = cache({.options = {.command_limit = 60s, .stall_limit = 60s}});
  Tally tally;
  Random random(11);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (int i = 0; i < 10'000; ++i) operate(cached, tally, random, 1000);
    ASSERT_TRUE(run_until([&] { return tally.answered == tally.begun(); }, 60s));
  }
  expect_sound(tally);
  EXPECT_EQ(tally.failed(), 0u);
  figure("R11", "%llu times 10,000 concurrent callers on one loop, 0 errors, p99 below %.2f ms",
         static_cast<ull>(rounds), p99_below_ms(cached.statistics().latency));
}

TEST_F(Weather, R12AServerThatStandsStillCostsBoundedMemory) {
  const std::uint64_t offered = times({64, 1024, 4096});  // MiB
  constexpr std::size_t bound = 16u << 20;
  harness::RedisServer& own = own_server();
  Cache cached = cache({.location = {own.url()},
                        .options = {.serializer = Serializer::raw,
                                    .command_limit = 60s,
                                    .stall_limit = 60s,
                                    .pending_max_bytes = bound}});
  Answer<void> first;
  const Value value = Value::bytes(std::string(64 << 10, 'v'));
  cached.set("first", value, first.callback());
  ASSERT_EQ(wait(first), worked);
  ASSERT_TRUE(own.stop());
  const std::uint64_t before = resident_kib();
  std::uint64_t most = 0, most_pending = 0;
  Tally tally;
  for (std::uint64_t i = 0; i < offered * 16; ++i) {
    const std::size_t operation = tally.begin();
    cached.set("key" + std::to_string(i % 100), value, [&tally, operation](Result<void> r) {
      tally.hear(operation, r.ok() ? nullptr : &r.error());
    });
    if (i % 64 != 0) continue;
    runner_.run_for_turns(1);
    most = std::max(most, resident_kib());
    most_pending =
        std::max<std::uint64_t>(most_pending, engine().pools().at(0).info().pending_bytes);
  }
  EXPECT_LE(most_pending, bound);
  EXPECT_GT(tally.of(Errc::overloaded), tally.begun() / 2);
#if !defined(DJCACHE_SANITIZES_ADDRESS) && \
    !defined(DJCACHE_SANITIZES_THREADS)  // which keep freed memory
  EXPECT_LE(most - before, bound / 1024 * 11 / 10 + 4096);
#endif
  ASSERT_TRUE(own.cont());
  ASSERT_TRUE(run_until([&] { return tally.answered == tally.begun(); }, 60s));
  expect_sound(tally);
  figure("R12",
         "%llu MiB offered to a stopped server: %.1f MiB more resident, %.1f MiB pending of %zu "
         "MiB allowed, %llu refused",
         static_cast<ull>(offered), static_cast<double>(most - before) / 1024,
         static_cast<double>(most_pending) / (1 << 20), bound >> 20,
         static_cast<ull>(tally.of(Errc::overloaded)));
}

// Backoff with full jitter: delays are spread evenly, so that a thousand clients do not return at
// the same moment.
TEST_F(Weather, R13AThousandClientsComeBackSpreadOut) {
  const std::uint64_t clients = times({50, 1000, 1000});
  harness::RedisServer& own = own_server();
  std::vector<std::uint64_t> delays;
  constexpr std::uint64_t cap = 1000;
  Settings settings;
  settings.caches["default"];
  for (std::uint64_t i = 0; i < clients; ++i) {
    CacheSettings one;
    one.location = {own.url()};
    // A pool each: identities differ in their names.
    one.options.client_name = "djcache-" + std::to_string(i);
    one.options.command_limit = 60s;
    settings.caches["c" + std::to_string(i)] = one;
  }
  settings.on_event = [&](const PoolEvent& event) {
    if (event.kind != PoolEvent::Kind::retrying || event.attempt < 8) return;  // at the cap
    delays.push_back(static_cast<std::uint64_t>(event.delay.count()));
  };
  Engine& storm = start(std::move(settings));
  Tally tally;
  std::vector<Cache> caches;
  for (std::uint64_t i = 0; i < clients; ++i) {
    caches.push_back(storm.cache("c" + std::to_string(i)));
  }
  std::string last;  // error
  const auto ask_all = [&] {
    for (Cache& each : caches) {
      const std::size_t operation = tally.begin();
      each.get("a", [&, operation](Result<std::optional<Value>> r) {
        tally.hear(operation, r.ok() ? nullptr : &r.error());
        if (!r.ok()) last = to_string(r.error());
      });
    }
  };
  const auto all_answered = [&] { return tally.answered == tally.begun(); };
  ask_all();
  ASSERT_TRUE(run_until(all_answered, 60s));
  ASSERT_EQ(tally.failed(), 0u) << last;
  own.kill9();
  while (delays.size() < clients) {
    ask_all();
    ASSERT_TRUE(run_until(all_answered, 60s));
  }
  ASSERT_TRUE(own.restart());
  std::uint64_t good = tally.good;
  const std::uint64_t asked = clients;
  for (int i = 0; i < 100 && tally.good < good + asked; ++i) {
    good = tally.good;
    ask_all();
    ASSERT_TRUE(run_until(all_answered, 60s));
  }
  EXPECT_EQ(tally.good, good + asked) << "not all came back";
  std::uint64_t tenths[10] = {};
  for (const std::uint64_t delay : delays) {
    ASSERT_LE(delay, cap);
    ++tenths[std::min<std::uint64_t>(9, delay * 10 / cap)];
  }
  const std::uint64_t fullest = *std::max_element(std::begin(tenths), std::end(tenths));
  const double mean = static_cast<double>(delays.size()) / 10;
  EXPECT_LE(static_cast<double>(fullest), 2 * mean + 10);
  figure("R13",
         "%llu clients, %zu waits at the cap of %llu ms: the fullest tenth has %.2f of the mean",
         static_cast<ull>(clients), delays.size(), static_cast<ull>(cap),
         static_cast<double>(fullest) / mean);
}

}  // namespace
}  // namespace djcache::reliability
