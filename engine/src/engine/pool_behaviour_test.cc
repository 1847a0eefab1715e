// Pools at work: their reports (events, statistics, info, disconnects), and their bounds.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <uv.h>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

using Kind = PoolEvent::Kind;

class PoolBehaviour : public EngineTest {
 protected:
  std::vector<Kind> kinds() {
    std::vector<Kind> kinds;
    for (const PoolEvent& event : events_) kinds.push_back(event.kind);
    return kinds;
  }
  std::string endpoint() { return "127.0.0.1:" + std::to_string(server().port()) + "/0"; }
};

TEST_F(PoolBehaviour, TellsOfConnectingAndDisconnecting) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.get("a"), miss);
  disconnect(engine());
  ASSERT_EQ(kinds(), (std::vector{Kind::connected, Kind::disconnected}));
  EXPECT_EQ(events_[0].endpoint, endpoint());
  EXPECT_EQ(events_[1].reason, "disconnect");
}

TEST_F(PoolBehaviour, TellsOfFailedAttemptsAndTheNext) {
  const auto port = harness::unused_port();
  Verbs cached = verbs({.location = {"redis://127.0.0.1:" + std::to_string(port)},
                        .options = {.backoff_min = 1ms, .backoff_max = 4ms}});
  for (int i = 0; i < 3; ++i) ASSERT_EQ(cached.get("a"), Errc::connect_failed);
  ASSERT_EQ(kinds(), std::vector(3, Kind::retrying));
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(events_[i].attempt, i + 1);
    EXPECT_LE(events_[i].delay, std::chrono::milliseconds(1 << i));
    EXPECT_THAT(events_[i].reason, HasSubstr("connection refused"));
  }
  EXPECT_EQ(statistics().connect_failures, 3u);
  auto late = harness::RedisServer::start({.port = port});
  ASSERT_TRUE(late) << late.problem;
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(events_.back().kind, Kind::connected);
}

TEST_F(PoolBehaviour, CountsWhatItDoes) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_EQ(cached.get("a"), 1);
  ASSERT_EQ(cached.get_many({"a", "b"}), (Found{{"a", 1}}));
  const PoolInfo info = engine().pools().at(0).info();
  EXPECT_EQ(info.endpoint, endpoint());
  EXPECT_EQ(info.state, PoolState::ready);
  EXPECT_EQ(info.connections, 1u);
  EXPECT_EQ(info.in_flight, 0u);
  EXPECT_EQ(info.queued, 0u);
  EXPECT_EQ(info.pending_bytes, 0u);
  EXPECT_EQ(info.statistics.connects, 1u);
  EXPECT_EQ(info.statistics.operations, 3u);
  EXPECT_EQ(info.statistics.replies, 3u);
  EXPECT_EQ(info.statistics.bytes_received,
            std::string("+OK\r\n+OK\r\n$1\r\n1\r\n*2\r\n$1\r\n1\r\n$-1\r\n").size());
  EXPECT_GT(info.statistics.bytes_sent, 0u);
  disconnect(engine());
  EXPECT_EQ(engine().pools().at(0).info().state, PoolState::idle);
  EXPECT_EQ(statistics().disconnects, 1u);
}

TEST_F(PoolBehaviour, InfoTellsWhatWaits) {
  Verbs cached = verbs();
  for (int i = 0; i < 3; ++i) cached.cache.get("a", [](auto) {});
  EXPECT_EQ(engine().pools().at(0).info().queued, 3u);
  ASSERT_EQ(cached.get("a"), miss);
  ASSERT_TRUE(server().stop());
  for (int i = 0; i < 3; ++i) cached.cache.get("a", [](auto) {});
  runner_.run_for_turns(3);
  const PoolInfo info = engine().pools().at(0).info();
  EXPECT_EQ(info.in_flight, 3u);
  EXPECT_EQ(info.pending_bytes, 3 * "*2\r\n$3\r\nGET\r\n$4\r\n:1:a\r\n"s.size());
  ASSERT_TRUE(server().cont());
  ASSERT_EQ(cached.get("a"), miss);
}

TEST_F(PoolBehaviour, ReportsOfDisconnectAddUp) {
  Settings settings;
  for (const char* name : {"default", "1", "2"}) {
    const int db = name[0] == 'd' ? 0 : name[0] - '0';
    settings.caches.emplace(name, CacheSettings{.location = {server().url(db)}});
  }
  start(std::move(settings));
  int told = 0;
  for (const char* name : {"default", "1", "2"}) {
    ASSERT_EQ(wait_for(engine().cache(name)).get("connected"), miss);
  }
  for (int i = 0; i < 4; ++i) {
    for (const char* name : {"default", "1", "2"}) {
      engine().cache(name).get("a", [&](auto) { ++told; });
    }
  }
  Pool first = engine().pools().at(0);
  Cache second = engine().cache("1");
  DisconnectReport report = disconnect(first);
  EXPECT_EQ(report.connections, 1u);
  EXPECT_EQ(report.completed, 4u);
  ASSERT_TRUE(run_until([&] { return told == 12; }));  // the other pools need not hurry
  report = disconnect(second, {.mode = DisconnectMode::abort});
  EXPECT_EQ(report.connections, 1u);
  EXPECT_TRUE(inspector().wait_for_clients(1));
  for (int i = 0; i < 4; ++i) engine().cache("2").get("a", [&](auto r) { told += r.ok() ? 0 : 1; });
  report = disconnect(engine(), {.mode = DisconnectMode::abort});
  EXPECT_EQ(report.connections, 1u);
  EXPECT_EQ(report.aborted, 4u);
  EXPECT_EQ(report.completed, 0u);
  EXPECT_EQ(told, 16);
}

TEST_F(PoolBehaviour, RefusesMoreThanPendingMaxAtOnce) {
  Verbs cached = verbs({.options = {.pending_max = 10}});
  std::vector<Errc> refused;
  int worked_out = 0;
  std::string detail;
  for (int i = 0; i < 15; ++i) {
    cached.cache.get("a", [&](auto r) {
      if (r.ok()) {
        ++worked_out;
      } else {
        refused.push_back(r.error().code);
        detail = r.error().detail;
      }
    });
  }
  run_until([&] { return refused.size() + worked_out == 15; });
  EXPECT_EQ(refused, std::vector(5, Errc::overloaded));
  EXPECT_THAT(detail, AllOf(HasSubstr(endpoint()), HasSubstr("pending_max")));
  EXPECT_EQ(statistics().overloads, 5u);
  EXPECT_EQ(cached.get("a"), miss);  // there is room again
}

TEST_F(PoolBehaviour, RefusesMoreThanPendingMaxBytesAtOnce) {
  Verbs cached = verbs({.options = {.pending_max_bytes = 3000}});
  Answer<void> fits, too_much;
  cached.cache.set("a", std::string(2000, 'x'), fits.callback());
  cached.cache.set("b", std::string(2000, 'x'), too_much.callback());
  EXPECT_EQ(wait(too_much), Errc::overloaded);
  EXPECT_THAT(detail_of(*too_much.result), HasSubstr("pending_max_bytes"));
  EXPECT_EQ(wait(fits), worked);
  EXPECT_EQ(cached.set("c", std::string(2000, 'x')), worked);
  EXPECT_EQ(cached.get("b"), miss);
}

TEST_F(PoolBehaviour, TombstonesCountUntilTheirRepliesAreRead) {
  Verbs cached = verbs({.options = {.pending_max = 3}});
  ASSERT_EQ(cached.get("a"), miss);
  ASSERT_TRUE(server().stop());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(cached.get("a", {.limit = 5ms}), Errc::timeout);
  EXPECT_EQ(cached.get("a", {.limit = 5ms}), Errc::overloaded);
  ASSERT_TRUE(server().cont());
  run_until([&] { return statistics().late_replies == 3; });
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(statistics().timeouts, 3u);
}

TEST_F(PoolBehaviour, AnOperationHasTheLimitOfItsOptionsOrOfTheAlias) {
  Verbs cached = verbs({.options = {.command_limit = 20ms}});
  ASSERT_EQ(cached.get("a", {.limit = 10s}), miss);
  ASSERT_TRUE(server().stop());
  Answer<std::optional<Value>> own, alias, patient;
  std::vector<std::string> order;
  cached.cache.get("a", {.limit = 1h}, patient.callback());
  cached.cache.get("a", [&](auto r) {
    order.push_back("alias");
    alias.callback()(std::move(r));
  });
  cached.cache.get("a", {.limit = 1ms}, [&](auto r) {
    order.push_back("own");
    own.callback()(std::move(r));
  });
  EXPECT_EQ(wait(alias), Errc::timeout);
  EXPECT_EQ(*own.result, Errc::timeout);
  EXPECT_EQ(order, (std::vector<std::string>{"own", "alias"}));
  EXPECT_THAT(detail_of(*own.result), HasSubstr("no reply within 1 ms"));
  EXPECT_THAT(detail_of(*alias.result), HasSubstr("no reply within 20 ms"));
  EXPECT_FALSE(patient.come());
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(wait(patient), miss);
}

TEST_F(PoolBehaviour, WhatWasCancelledBeforeItWasSentIsNotAnsweredTwice) {
  Verbs cached = verbs();
  Answer<void> cancelled, kept;
  const Ticket ticket = cached.cache.set("a", 1, cancelled.callback());
  cached.cache.set("b", 2, kept.callback());
  EXPECT_TRUE(engine().cancel(ticket));
  EXPECT_EQ(wait(kept), worked);
  EXPECT_EQ(*cancelled.result, Errc::cancelled);
  EXPECT_EQ(cancelled.calls, 1);
  EXPECT_EQ(cached.get("b"), 2);
}

TEST_F(PoolBehaviour, ATicketIsOfOneOperationOnly) {
  Verbs cached = verbs();
  Answer<std::optional<Value>> first;
  const Ticket ticket = cached.cache.get("a", first.callback());
  ASSERT_EQ(wait(first), miss);
  EXPECT_FALSE(engine().cancel(ticket));
  Answer<std::optional<Value>> second;  // takes the same place
  cached.cache.get("a", second.callback());
  EXPECT_FALSE(engine().cancel(ticket));
  EXPECT_FALSE(engine().cancel({}));
  EXPECT_FALSE(engine().cancel({.index = 1'000'000, .generation = 1}));
  EXPECT_EQ(wait(second), miss);
}

TEST_F(PoolBehaviour, ALoopWithNothingPendingEnds) {
  // An idle connection must not keep a program running: only operations and reports do.
  Verbs cached = verbs();
  ASSERT_EQ(cached.get("a"), miss);
  EXPECT_NE(our_handles(), "");
  for (const auto& handle : runner_.handles_under_test()) {
    EXPECT_FALSE(handle.active && handle.has_ref) << handle.type;
  }
}

TEST_F(PoolBehaviour, WhatACallbackIssuesIsSentAtOnceAndNeedsNoTurn) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.get("a"), miss);
  bool issued = false, ended = false;
  cached.cache.get("a", [&](auto) {
    cached.cache.get("b", [&](auto) { ended = true; });
    issued = true;
  });
  while (!issued) uv_run(&runner_.loop(), UV_RUN_ONCE);
  EXPECT_EQ(statistics().operations, 3u);
  EXPECT_NE(uv_backend_timeout(&runner_.loop()), 0) << "the loop may sleep until the reply";
  EXPECT_TRUE(run_until([&] { return ended; }));
}

TEST_F(PoolBehaviour, APlainRunOfTheLoopLastsUntilEveryCallbackHasCome) {
  Verbs cached = verbs();
  bool refused = false, stored = false, reported = false;
  engine().cache("nobody").get("a", [&](auto) { refused = true; });
  cached.cache.set("a", 1, [&](auto) { stored = true; });
  uv_run(&runner_.loop(), UV_RUN_DEFAULT);
  EXPECT_TRUE(refused && stored);
  EXPECT_EQ(inspector().count_clients(), 1u);  // it ended although the connection is open
  engine().disconnect({}, [&](auto) { reported = true; });
  uv_run(&runner_.loop(), UV_RUN_DEFAULT);
  EXPECT_TRUE(reported);
}

TEST_F(PoolBehaviour, SocketsAreTunedForShortRepliesAndDeadPeers) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.get("a"), miss);
  int sockets = 0;
  for (const auto& handle : runner_.handles_under_test()) {
    const auto option = [&](int level, int name) {
      int value = -1;
      socklen_t size = sizeof value;
      return getsockopt(handle.fd, level, name, &value, &size) == 0 ? value : -1;
    };
    if (option(SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP) continue;
    ++sockets;
    EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 45'000);
  }
  EXPECT_EQ(sockets, 1);
}

}  // namespace
}  // namespace djcache
