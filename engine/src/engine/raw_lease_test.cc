// Leases: connections of their own for commands that block or change them.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

using RawLease = RawTest;

TEST_F(RawLease, IsAConnectionOfItsOwnAndIsUsedAgain) {
  Client client = cache().client({});
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr) << to_string(problem);
  EXPECT_EQ(pool().leases, 1u);
  EXPECT_EQ(pool().connections, 2u);
  const auto first = ask(*mine, {"CLIENT", "ID"});
  EXPECT_NE(first, *ask(client, {"CLIENT", "ID"}));
  mine.reset();
  EXPECT_EQ(pool().leases, 0u);
  mine = lease(client);
  EXPECT_EQ(ask(*mine, {"CLIENT", "ID"}), *first);
  EXPECT_EQ(pool().connections, 2u);
}

TEST_F(RawLease, WaitsForWhatBlocksWithoutHoldingUpTheCache) {
  Verbs cached = verbs();
  Client client = cached.cache.client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  Answer<Reply> popped;
  mine->command({"BLPOP", "queue", "60"}, popped.callback());
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_FALSE(popped.come());
  ASSERT_TRUE(ask(client, {"RPUSH", "queue", "job"}).ok());
  EXPECT_EQ(wait(popped), list({text("queue"), text("job")}));
}

TEST_F(RawLease, ABlockThatEndsOnItsOwnIsNilAndNoTimeout) {
  Client client = cache({.options = {.command_limit = 1s}}).client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(ask(*mine, {"BLPOP", "queue", "1.1"}), Reply());
}

TEST_F(RawLease, WatchSeesAChangeAndATransactionThen) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  const auto transact = [&] {
    Answer<std::optional<std::vector<Reply>>> answer;
    mine->transaction(Pipeline().add({"SET", "a", "mine"}).add({"GET", "a"}), {},
                      answer.callback());
    return wait(answer);
  };
  ASSERT_TRUE(ask(*mine, {"WATCH", "a"}).ok());
  ASSERT_TRUE(ask(client, {"SET", "a", "theirs"}).ok());
  const auto refused = transact();
  ASSERT_TRUE(refused.ok());
  EXPECT_FALSE(refused->has_value());
  ASSERT_TRUE(ask(*mine, {"WATCH", "a"}).ok());
  const auto executed = transact();
  ASSERT_TRUE(executed.ok() && executed->has_value());
  EXPECT_EQ((**executed)[1], text("mine"));
}

TEST_F(RawLease, MultiByHandWorks) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  EXPECT_TRUE(ask(*mine, {"MULTI"})->is_ok());
  EXPECT_EQ(ask(*mine, {"INCR", "n"}), status("QUEUED"));
  Answer<std::optional<std::vector<Reply>>> nested;
  mine->transaction(Pipeline().add({"PING"}), {}, nested.callback());
  EXPECT_EQ(wait(nested), Errc::invalid_argument);
  EXPECT_EQ(ask(*mine, {"EXEC"}), list({integer(1)}));
  mine.reset();
  ASSERT_NE(lease(client), nullptr);
  EXPECT_EQ(statistics().connects, 1u);  // it was returned clean
}

TEST_F(RawLease, OneThatComesBackInDoubtIsClosed) {
  Client client = cache().client({});
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"SELECT", "1"}, {"MULTI"}, {"WATCH", "a"}, {"CLIENT", "NO-EVICT", "ON"}}) {
    auto mine = lease(client);
    ASSERT_NE(mine, nullptr);
    ASSERT_TRUE(ask(*mine, words).ok()) << words[0];
    mine.reset();
    EXPECT_TRUE(run_until([&] { return pool().connections == 1; })) << words[0];
    auto next = lease(client);
    ASSERT_NE(next, nullptr);
    EXPECT_TRUE(ask(*next, {"SET", "a", "1"})->is_ok()) << words[0];
    EXPECT_EQ(ask(client, {"DEL", "a"}), integer(1)) << words[0];
    next->command({"SELECT", "2"}, {});
    next.reset();  // with a command in flight
    EXPECT_TRUE(run_until([&] { return pool().connections == 1; }));
  }
}

TEST_F(RawLease, GivenBackWithCommandsUnderWayTheyFail) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  Answer<Reply> popped, after;
  mine->command({"BLPOP", "queue", "0"}, popped.callback());
  mine->give_back();
  mine->command({"PING"}, after.callback());
  EXPECT_EQ(wait(popped), Errc::disconnected);
  EXPECT_THAT(detail_of(*popped.result), HasSubstr("the end of its lease"));
  EXPECT_EQ(wait(after), Errc::invalid_argument);
}

// A blocking command, what ends its wait, and how many elements are left if none was returned.
struct Blocking {
  std::vector<std::string> command, push, count;
};
const std::vector<Blocking>& blocking_commands() {
  static const std::vector<std::string> push{"RPUSH", "queue", "v"}, length{"LLEN", "queue"};
  static const std::vector<std::string> zadd{"ZADD", "zset", "1", "v"}, card{"ZCARD", "zset"};
  static const std::vector<Blocking> all{
      {{"BLPOP", "queue", "0"}, push, length},
      {{"brpop", "other", "queue", "100"}, push, length},
      {{"BRPOPLPUSH", "queue", "to", "0"}, push, length},
      {{"BLMOVE", "queue", "to", "LEFT", "RIGHT", "0"}, push, length},
      {{"BLMPOP", "0", "1", "queue", "LEFT"}, push, length},
      {{"BZPOPMIN", "zset", "0"}, zadd, card},
      {{"BZPOPMAX", "zset", "0"}, zadd, card},
      {{"BZMPOP", "0", "1", "zset", "MIN"}, zadd, card}};
  return all;
}
std::vector<std::string_view> views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

TEST_F(RawLease, ACommandThatBlocksTakesNothingOnceItsLimitHasPassed) {
  Client client = cache().client({});
  for (const Blocking& blocking : blocking_commands()) {
    inspector().command({"FLUSHALL"});
    auto mine = lease(client);
    ASSERT_NE(mine, nullptr);
    Answer<Reply> popped;
    // Pushed at once, within the callback.
    mine->command(views(blocking.command), {.limit = 20ms}, [&](Result<Reply> reply) {
      inspector().command(blocking.push);
      popped.callback()(std::move(reply));
    });
    EXPECT_EQ(wait(popped), Errc::timeout) << blocking.command[0];
    EXPECT_EQ(inspector().command(blocking.count).integer, 1) << blocking.command[0];
    EXPECT_FALSE(mine->usable());
    EXPECT_EQ(ask(*mine, {"PING"}), Errc::connection_lost);
  }
  EXPECT_EQ(pool().leases, 0u);
}

TEST_F(RawLease, ACommandThatBlocksTakesNothingOnceItWasCancelled) {
  Client client = cache().client({});
  for (const Blocking& blocking : blocking_commands()) {
    inspector().command({"FLUSHALL"});
    auto mine = lease(client);
    ASSERT_NE(mine, nullptr);
    Answer<Reply> popped;
    const Ticket ticket = mine->command(views(blocking.command), popped.callback());
    ASSERT_TRUE(ask(client, {"PING"}).ok());
    EXPECT_TRUE(client.cancel(ticket));
    EXPECT_EQ(wait(popped), Errc::cancelled) << blocking.command[0];
    inspector().command(blocking.push);
    EXPECT_EQ(inspector().command(blocking.count).integer, 1) << blocking.command[0];
    EXPECT_FALSE(mine->usable());
    EXPECT_EQ(popped.calls, 1);
  }
}

TEST_F(RawLease, APipelineWithACommandThatBlocksTakesNothingOnceItWasGivenUp) {
  Client client = cache().client({});
  for (const bool by_limit : {true, false}) {
    inspector().command({"FLUSHALL"});
    auto mine = lease(client);
    ASSERT_NE(mine, nullptr);
    Answer<std::vector<Reply>> popped;
    CommandOptions options;
    if (by_limit) options.limit = 20ms;
    const Ticket ticket =
        mine->run(Pipeline().add({"SET", "a", "1"}).add({"BLPOP", "queue", "0"}).add({"GET", "a"}),
                  options, popped.callback());
    ASSERT_TRUE(ask(client, {"PING"}).ok());
    if (!by_limit) {
      EXPECT_TRUE(client.cancel(ticket));
    }
    EXPECT_EQ(wait(popped), by_limit ? Errc::timeout : Errc::cancelled);
    inspector().command({"RPUSH", "queue", "v"});
    EXPECT_EQ(inspector().command({"LLEN", "queue"}).integer, 1);
    EXPECT_FALSE(mine->usable());
  }
}

TEST_F(RawLease, APipelineWaitsAsLongAsItsCommandsThatBlock) {
  Client client = cache({.options = {.command_limit = 500ms}}).client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  const auto replies = run(*mine, Pipeline()
                                      .add({"BLPOP", "queue", "0.6"})
                                      .add({"XREAD", "BLOCK", "600", "STREAMS", "s", "$"})
                                      .add({"SET", "a", "1"}));
  ASSERT_TRUE(replies.ok()) << detail_of(replies);
  EXPECT_TRUE((*replies)[0].is_nil());
  EXPECT_TRUE((*replies)[1].is_nil());
  EXPECT_TRUE((*replies)[2].is_ok());
  EXPECT_TRUE(mine->usable());
}

TEST_F(RawLease, OthersThatAreGivenUpLeaveItUsable) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  Answer<Reply> got;
  const Ticket ticket = mine->command({"GET", "a"}, got.callback());
  EXPECT_TRUE(client.cancel(ticket));
  EXPECT_EQ(wait(got), Errc::cancelled);
  EXPECT_TRUE(mine->usable());
  EXPECT_TRUE(ask(*mine, {"PING"}).ok());
}

TEST_F(RawLease, ThatWasMovedFromDestroysItsCallbacksUncalled) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  const Lease taken = std::move(*mine);
  const auto never = [](auto&&) { FAIL() << "it has no connection"; };
  EXPECT_EQ(mine->command({"PING"}, never), Ticket());
  EXPECT_EQ(mine->run(Pipeline().add({"PING"}), {}, never), Ticket());
  EXPECT_EQ(mine->transaction(Pipeline().add({"PING"}), {}, never), Ticket());
  EXPECT_FALSE(mine->usable());
  mine->give_back();
  EXPECT_TRUE(taken.usable());
}

TEST_F(RawLease, ALostOneIsNeverRenewedUnderItsOwner) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  ASSERT_TRUE(ask(*mine, {"WATCH", "a"}).ok());
  Answer<Reply> popped;
  mine->command({"BLPOP", "queue", "0"}, popped.callback());
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  ASSERT_TRUE(inspector().kill_clients("djcache").has_value());
  EXPECT_EQ(wait(popped), Errc::connection_lost);
  EXPECT_FALSE(mine->usable());
  const auto refused = ask(*mine, {"EXEC"});
  EXPECT_EQ(refused, Errc::connection_lost);
  EXPECT_THAT(detail_of(refused), HasSubstr("lease another"));
  EXPECT_NE(lease(client), nullptr);
}

TEST_F(RawLease, DisconnectNamesTheOnesThatAreOut) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  Answer<Reply> popped;
  mine->command({"BLPOP", "queue", "0"}, popped.callback());
  const DisconnectReport report = disconnect(engine(), {.mode = DisconnectMode::abort});
  EXPECT_EQ(popped.result, Errc::disconnected);
  EXPECT_EQ(report.aborted, 1u);
  EXPECT_EQ(report.connections, 1u);
  ASSERT_EQ(report.leases.size(), 1u);
  EXPECT_THAT(report.leases[0], testing::MatchesRegex("raw_fixture.h:[0-9]+"));
  EXPECT_FALSE(mine->usable());
  EXPECT_EQ(ask(*mine, {"PING"}), Errc::disconnected);
  mine.reset();
  EXPECT_EQ(disconnect(engine()).leases, std::vector<std::string>());
  EXPECT_NE(lease(client), nullptr);
}

TEST_F(RawLease, ADisconnectDuringATransactionAnswersItOnce) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  ASSERT_TRUE(ask(*mine, {"MULTI"}).ok());
  Answer<Reply> queued, executed;
  mine->command({"SET", "a", "1"}, queued.callback());
  mine->command({"EXEC"}, executed.callback());
  const DisconnectReport report = disconnect(engine());
  EXPECT_EQ(report.completed, 2u);
  EXPECT_EQ(queued.result, status("QUEUED"));
  EXPECT_EQ(executed.result, list({status("OK")}));
}

TEST_F(RawLease, TheyAreBoundedPerPool) {
  Client client = cache({.options = {.leases_max = 2}}).client({});
  auto first = lease(client), second = lease(client);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(lease(client), nullptr);
  EXPECT_EQ(problem.code, Errc::overloaded);
  EXPECT_THAT(problem.detail, HasSubstr("leases_max"));
  first.reset();
  EXPECT_NE(lease(client), nullptr);
}

TEST_F(RawLease, OutlivesItsEngineAsAnInertHandle) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  Answer<Reply> never_told;
  mine->command({"BLPOP", "queue", "0"}, never_told.callback());
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  destroy();
  EXPECT_FALSE(mine->usable());
  mine->command({"PING"}, never_told.callback());
  mine.reset();
  EXPECT_EQ(never_told.calls, 0);
}

TEST_F(RawLease, ACancelledRequestForOneGivesItBack) {
  Client client = cache().client({});
  bool told = false;
  const Ticket ticket = client.lease({}, [&](Result<Lease> result) {
    told = true;
    EXPECT_EQ(result.error().code, Errc::cancelled);
  });
  EXPECT_TRUE(client.cancel(ticket));
  EXPECT_TRUE(run_until([&] { return told; }));
  EXPECT_TRUE(run_until([&] { return pool().leases == 0; }));
}

TEST_F(RawLease, WithoutAServerThereIsNone) {
  Client client = cache({.location = {"redis://127.0.0.1:1"}}).client({});
  EXPECT_EQ(lease(client), nullptr);
  EXPECT_EQ(problem.code, Errc::connect_failed);
  EXPECT_EQ(pool().leases, 0u);
}

TEST_F(RawLease, RunsManyCommandsWithEachReplyInItsPlace) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  const auto replies = run(*mine, Pipeline()
                                      .add({"MULTI"})
                                      .add({"SET", "a", "1"})
                                      .add({"LPUSH", "a", "x"})
                                      .add({"EXEC"})
                                      .add({"LPUSH", "a", "x"})
                                      .add({"GET", "a"}));
  ASSERT_TRUE(replies.ok());
  ASSERT_EQ(replies->size(), 6u);
  EXPECT_TRUE((*replies)[0].is_ok());
  EXPECT_EQ((*replies)[1], status("QUEUED"));
  EXPECT_EQ((*replies)[3].elements.size(), 2u);
  EXPECT_EQ((*replies)[4].type, Reply::Type::error);
  EXPECT_EQ((*replies)[5], text("1"));
  EXPECT_EQ(run(*mine, Pipeline())->size(), 0u);
}

TEST_F(RawLease, RefusesAPipelineWithACommandThatItMayNotSend) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(run(*mine, Pipeline().add({"SET", "a", "1"}).add({"SUBSCRIBE", "a"})).error().code,
            Errc::not_supported);
  EXPECT_EQ(ask(*mine, {"GET", "a"}), Reply()) << "nothing of it was sent";
  mine->give_back();
  EXPECT_FALSE(mine->usable());
  EXPECT_FALSE(run(*mine, Pipeline().add({"PING"})).ok());
}

TEST_F(RawLease, AssigningToItGivesTheFormerConnectionBack) {
  Client client = cache().client({});
  auto mine = lease(client);
  auto other = lease(client);
  ASSERT_TRUE(mine != nullptr && other != nullptr);
  const auto id = ask(*other, {"CLIENT", "ID"});
  *mine = std::move(*other);
  EXPECT_EQ(pool().leases, 1u);
  EXPECT_EQ(ask(*mine, {"CLIENT", "ID"}), *id);
  Lease& same = *mine;
  *mine = std::move(same);
  EXPECT_TRUE(mine->usable());
}

TEST_F(RawLease, IsKeptWhenWhatItWatchedIsUnwatched) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  const auto id = ask(*mine, {"CLIENT", "ID"});
  ASSERT_TRUE(ask(*mine, {"WATCH", "a"}).ok());
  ASSERT_TRUE(ask(*mine, {"UNWATCH"}).ok());
  mine.reset();
  mine = lease(client);
  EXPECT_EQ(ask(*mine, {"CLIENT", "ID"}), *id);
  // Inside of a MULTI it is only queued: the connection still watches.
  ASSERT_TRUE(ask(*mine, {"WATCH", "a"}).ok());
  ASSERT_TRUE(run(*mine, Pipeline().add({"MULTI"}).add({"UNWATCH"})).ok());
  mine.reset();
  mine = lease(client);
  EXPECT_NE(ask(*mine, {"CLIENT", "ID"}), *id);
}

TEST_F(RawLease, AStringBeyondTheLimitFailsItsPipelineAndNoneAfter) {
  Client client = cache({.options = {.value_max_bytes = 1024}}).client({});
  ASSERT_EQ(inspector().command({"SETRANGE", "big", "99999", "x"}).integer, 100'000);
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  const auto replies = run(*mine, Pipeline().add({"GET", "big"}).add({"PING"}));
  EXPECT_EQ(replies.error().code, Errc::value_too_large);
  EXPECT_THAT(replies.error().detail, HasSubstr("100000 bytes, more than value_max_bytes (1024)"));
  EXPECT_EQ(ask(*mine, {"PING"}), status("PONG"));
}

}  // namespace
}  // namespace djcache
