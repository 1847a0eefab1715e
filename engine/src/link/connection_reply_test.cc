// The connection: which reply belongs to which operation.
#include <gtest/gtest.h>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

TEST(Replies, ArePairedWithOperationsInOrder) {
  Lane lane;
  for (std::uintptr_t i = 1; i <= 5; ++i) lane.issue(i, "cmd" + std::to_string(i) + ";");
  lane.open();
  EXPECT_EQ(lane.take(), "cmd1;cmd2;cmd3;cmd4;cmd5;");
  lane.say("$1\r\na\r\n:2\r\n-ERR x\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 $a", "2 :2", "3 -ERR x"}));
  lane.say("*2\r\n+d\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.say("$-1\r\n$-1\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"4 [+d, _]", "5 _"}));
  EXPECT_EQ(lane.totals.statistics.operations, 5u);
  EXPECT_EQ(lane.totals.statistics.replies, 5u);
  lane.expect_nothing_left();
}

TEST(Replies, CarryTheCommandTheyAnswer) {
  struct Nobody final : Handler {
    void end(Pool&, Connection&, const Completion&) const override {}
  } const handler;
  Lane lane;
  lane.issue(1, "first;");
  lane.issue(2, "second;", {.limit_ms = 77, .handler = &handler});
  lane.open();
  lane.take();
  lane.connection.on_bytes(lane.now, "+a\r\n+b\r\n");
  Completion end;
  ASSERT_TRUE(lane.connection.next(end));
  EXPECT_EQ(end.command, "first;");
  ASSERT_TRUE(lane.connection.next(end));
  EXPECT_EQ(end.command, "second;");
  EXPECT_EQ(end.limit_ms, 77u);
  EXPECT_EQ(end.handler, &handler);
  // Commands issued by the callback must not overwrite the command that is being looked at.
  lane.issue(3, "third;");
  EXPECT_EQ(end.command, "second;");
  EXPECT_FALSE(lane.connection.next(end));
  EXPECT_EQ(lane.take(), "third;");
}

TEST(Replies, ALargeCommandAfterASmallOneIsNamedToo) {
  Lane lane;
  lane.issue(1, "small;");
  lane.open();
  lane.take();
  lane.say("+a\r\n");
  const std::string large(200'000, 'L');
  lane.issue(2, large);
  lane.turn();
  EXPECT_EQ(lane.take(), large);
  lane.connection.on_bytes(lane.now, "+b\r\n");
  Completion end;
  ASSERT_TRUE(lane.connection.next(end));
  EXPECT_EQ(end.command, large);
}

TEST(Replies, AnOperationOfSeveralRepliesEndsWithTheLast) {
  Lane lane;
  lane.issue(1, "multi;set;exec;", {.replies = 3});
  lane.issue(2, "get;");
  lane.open();
  lane.take();
  lane.say("+OK\r\n+QUEUED\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.say("*1\r\n+OK\r\n:9\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 [+OK]", "2 :9"}));
  lane.expect_nothing_left();
}

TEST(Replies, TheFirstErrorOfATransactionIsKept) {
  Lane lane;
  lane.issue(1, "t;", {.replies = 4});
  lane.issue(2, "t;", {.replies = 2});
  lane.open();
  lane.take();
  lane.say("+OK\r\n-OOM first\r\n-ERR second\r\n-EXECABORT\r\n+OK\r\n*0\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 server_error: OOM first", "2 []"}));
  lane.issue(3, "t;", {.replies = 2});
  lane.turn();
  lane.take();
  lane.say("-OOM first\r\n*0\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"3 server_error: OOM first"}) << "whatever EXEC answers";
}

TEST(Replies, TheErrorOfATransactionNobodyWaitsForIsForgotten) {
  Lane lane;
  lane.issue(1, "t;", {.limit_ms = 10, .replies = 2});
  lane.issue(2, "t;", {.replies = 2});
  lane.open();
  lane.take();
  lane.tick(10);
  lane.take_ended();
  lane.say("-OOM first\r\n-EXECABORT\r\n+OK\r\n*0\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 []"});
}

TEST(Replies, ALateReplyIsSwallowedAndTheNextCallerGetsItsOwn) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.issue(2, "two;", {.limit_ms = 1000});
  lane.open();
  lane.take();
  lane.tick(100);
  EXPECT_EQ(lane.take_ended(), Lines{"1 timeout: there:6379/0: no reply within 100 ms"});
  EXPECT_EQ(lane.totals.operations, 2u) << "a tombstone counts until its reply has come";
  lane.say("$4\r\nlate\r\n$3\r\nown\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 $own"});
  EXPECT_EQ(lane.totals.statistics.late_replies, 1u);
  EXPECT_EQ(lane.totals.statistics.timeouts, 1u);
  lane.expect_nothing_left();
}

TEST(Replies, AReplyNobodyAskedForIsPoison) {
  for (const std::string said : {"+surprise\r\n", "-ERR idle timeout\r\n"}) {
    Lane lane;
    lane.issue(1, "one;");
    lane.open();
    lane.take();
    lane.say("+OK\r\n" + said);
    EXPECT_EQ(lane.take_ended(), Lines{"1 +OK"});
    EXPECT_EQ(lane.connection.state(), State::closing);
    EXPECT_EQ(lane.actions, std::vector{Action::close});
    EXPECT_EQ(lane.totals.statistics.protocol_errors, 1u);
    EXPECT_EQ(lane.totals.events.back().kind, PoolEvent::Kind::disconnected);
    EXPECT_EQ(lane.totals.events.back().reason, said[0] == '-'
                                                    ? "there:6379/0: a reply nobody asked for: ERR"
                                                    : "there:6379/0: a reply nobody asked for");
  }
}

// It would be refused again if it were sent again.
TEST(Replies, AReplyToACommandNotCompletelySentIsPoisonAndBlamesIt) {
  Lane lane;
  lane.issue(1, "one;", {.idempotent = true});
  lane.issue(2, "two;");
  lane.open();
  lane.take(3);
  lane.say("-ERR Protocol error: too big\r\n");
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.take_ended(),
            Lines{"1 protocol_error: there:6379/0: a reply nobody asked for: ERR"});
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;");
}

TEST(Replies, GarbageBlamesTheHeadRetriesTheIdempotentAndFailsTheRest) {
  Lane lane;
  lane.issue(1, "one;", {.idempotent = true});
  lane.issue(2, "two;", {.idempotent = true});
  lane.issue(3, "three;");
  lane.open();
  lane.take();
  lane.issue(4, "four;");
  lane.turn();
  lane.say("garbage\r\n");
  ASSERT_EQ(lane.ended.size(), 2u);
  EXPECT_TRUE(lane.ended[0].starts_with("1 protocol_error: there:6379/0: not RESP: Protocol error"))
      << lane.ended[0];
  EXPECT_TRUE(lane.ended[1].starts_with("3 connection_lost: there:6379/0: not RESP"))
      << lane.ended[1];
  EXPECT_EQ(lane.totals.statistics.retries, 1u);
  lane.take_ended();
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;four;");
  lane.say("+2\r\n+4\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"2 +2", "4 +4"}));
  lane.expect_nothing_left();
}

TEST(Replies, GarbageInsteadOfALateReplyBlamesNobodyElse) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 10});
  lane.issue(2, "two;", {.idempotent = true});
  lane.open();
  lane.take();
  lane.tick(10);
  lane.take_ended();
  lane.say("?");
  lane.say("?\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;");
}

TEST(Replies, AnOversizedValueCostsItsOwnCallerOnly) {
  ConnectionConfig config = plain();
  config.caps.bulk_bytes = 4;
  Lane lane(config);
  lane.issue(1, "one;");
  lane.issue(2, "two;");
  lane.open();
  lane.take();
  lane.say("$5\r\nabc");
  lane.say("de\r\n$4\r\nabcd\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 !5", "2 $abcd"}));
}

TEST(Replies, BytesThatArriveWhileClosingAreNotLookedAt) {
  Lane lane;
  lane.issue(1, "one;", {.idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  lane.say("+OK\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.lose();
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.reopen();
  EXPECT_EQ(lane.take(), "one;");
  lane.say("+mine\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 +mine"});
}

// --- A tenant that listens: unexpected replies are its own, reported without a call.

struct Listening : ::testing::Test {
  Lane lane;

  static std::string array(const Lines& texts) {
    std::string bytes = "*" + std::to_string(texts.size()) + "\r\n";
    for (const std::string& text : texts) bytes += resp::test::bulk(text);
    return bytes;
  }
  void begin(std::uint32_t replies = 1) {
    lane.connection.lease_to(nullptr);
    lane.connection.listen(true);
    lane.issue(1, "SUBSCRIBE;", {.replies = replies});
    lane.open();
    lane.take();
  }
};

TEST_F(Listening, AMessageIsTheTenantsAlsoWhileACommandWaits) {
  begin();
  lane.say(array({"message", "a", "x"}) + array({"smessage", "a", "y"}) +
           array({"pmessage", "a*", "a", "z"}));
  EXPECT_EQ(lane.take_ended(),
            (Lines{"0 [$message, $a, $x]", "0 [$smessage, $a, $y]", "0 [$pmessage, $a*, $a, $z]"}));
  lane.say(array({"subscribe", "a", "1"}));
  EXPECT_EQ(lane.take_ended(), Lines{"1 [$subscribe, $a, $1]"});
  lane.expect_nothing_left();
}

TEST_F(Listening, WhatOnlyLooksLikeAMessageIsAnAnswer) {
  for (const std::string& answer : {std::string("*2\r\n$7\r\nmessage\r\n$1\r\na\r\n"),
                                    std::string("*3\r\n+message\r\n+a\r\n+x\r\n"),
                                    std::string("$7\r\nmessage\r\n"), std::string("+OK\r\n")}) {
    SCOPED_TRACE(answer);
    lane.issue(1, "GET;");
    lane.connection.listen(true);
    if (lane.connection.state() != State::ready) lane.open();
    lane.take();
    lane.say(answer);
    ASSERT_EQ(lane.ended.size(), 1u);
    EXPECT_EQ(lane.take_ended()[0].front(), '1');
  }
}

TEST_F(Listening, WithNothingAskedForEveryReplyIsTheTenants) {
  begin();
  lane.say("+OK\r\n");
  lane.take_ended();
  lane.say("+one\r\n:2\r\n-three\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"0 +one", "0 :2", "0 -three"}));
  EXPECT_EQ(lane.connection.state(), State::ready);
}

TEST_F(Listening, ARefusalOfSeveralChannelsIsOneError) {
  begin(3);
  lane.say("-NOPERM no\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 -NOPERM no"});
  lane.expect_nothing_left();
}

TEST_F(Listening, TheAnswersOfSeveralChannelsAreOneAnswer) {
  begin(2);
  lane.say("+a\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.say("+b\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 +b"});
}

TEST_F(Listening, TheTenantIsToldOfTheEnd) {
  begin();
  lane.lose();
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 connection_lost: there:6379/0: connection reset by peer",
                   "0 connection_lost: there:6379/0: connection reset by peer"}));
}

}  // namespace
}  // namespace djcache::link::test
