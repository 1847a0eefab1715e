// Refusals of the server: a script keeps its place among the operations of its connection, whatever
// replaces it; a transaction's commands do without MULTI.
#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

using Kind = Detour::Step::Kind;

constexpr Issue script{.script = true};
constexpr std::string_view no_eval = "-ERR unknown command 'EVAL', with args beginning with: \r\n";

std::vector<std::string> fall_backs(const Lane& lane) {
  std::vector<std::string> reasons;
  for (const PoolEvent& event : lane.totals.events) {
    if (event.kind == PoolEvent::Kind::fell_back) reasons.push_back(event.reason);
  }
  return reasons;
}

TEST(Detour, TheFirstScriptOfAConnectionIsAloneInFlight) {
  Lane lane;
  lane.issue(1, "get\n");
  lane.issue(2, "eval\n", script);
  lane.issue(3, "get\n");
  lane.issue(4, "eval\n", script);
  lane.open();
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  EXPECT_EQ(lane.take(), "eval\n");
  EXPECT_EQ(lane.take(), "");
  lane.say(":1\r\n");
  EXPECT_EQ(lane.take(), "get\neval\n");  // the server accepts scripts: no barrier any more
  lane.say("+b\r\n:2\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 +a", "2 :1", "3 +b", "4 :2"}));
  EXPECT_TRUE(fall_backs(lane).empty());
  lane.expect_nothing_left();
}

TEST(Detour, AScriptThatFailsIsNoneThatIsRefused) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.issue(2, "eval\n", script);
  lane.open();
  EXPECT_EQ(lane.take(), "eval\n");
  lane.say("-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(lane.take(), "eval\n");
  lane.say("-LOADING the data\r\n");
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 -ERR value is not an integer or out of range", "2 -LOADING the data"}));
  EXPECT_TRUE(fall_backs(lane).empty());
}

TEST(Detour, AServerThatLoadsHasNotSaidWhetherItTakesScripts) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.issue(2, "eval\n", script);
  lane.open();
  EXPECT_EQ(lane.take(), "eval\n");
  lane.say("-LOADING the data\r\n");
  EXPECT_EQ(lane.take(), "eval\n");
  EXPECT_EQ(lane.take(), "");
  lane.say(no_eval);
  EXPECT_EQ(lane.take(), "one\n");
}

TEST(Detour, IsTakenInPlaceAndToldOnce) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.issue(2, "get\n");
  lane.issue(3, "eval\n", script);
  lane.issue(4, "get\n");
  lane.open();
  EXPECT_EQ(lane.take(), "eval\n");
  lane.say(no_eval);
  EXPECT_EQ(lane.take(2), "on");  // a full socket
  EXPECT_EQ(lane.take(), "e\n");
  EXPECT_EQ(lane.take(), "");
  lane.say("+1\r\n");
  EXPECT_EQ(lane.take(), "two\n");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  EXPECT_EQ(lane.take(), "one\n");  // EVAL is not sent again
  lane.say("+1\r\n");
  EXPECT_EQ(lane.take(), "two\n");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+b\r\n");
  const std::string refused = "refused: ERR unknown command 'EVAL', with args beginning with: ";
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 " + refused, "1 :7", "2 +a", "3 " + refused, "3 :7", "4 +b"}));
  EXPECT_EQ(fall_backs(lane).size(), 1u);
  lane.expect_nothing_left();
}

TEST(Detour, AStepOfSeveralCommandsHasTheLastReply) {
  Lane lane;
  lane.steps = {"one\ntwo\nthree\n"};
  lane.steps_end = {Kind::reply};
  lane.issue(1, "eval\n", script);
  lane.open();
  lane.take();
  lane.say(no_eval);
  EXPECT_EQ(lane.take(), "one\ntwo\nthree\n");
  lane.say("+1\r\n-ERR no\r\n");
  lane.take_ended();
  lane.say("$1\r\nx\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 $x"}));
  lane.expect_nothing_left();
}

// Early replies are valid once their commands have left; further ones are unsolicited.
TEST(Detour, AReplyBeforeItsCommandHasLeftEndsTheConnection) {
  for (const std::size_t taken : {0u, 5u}) {
    Lane lane;
    lane.steps = {"one\ntwo\n"};
    lane.issue(1, "eval\n", script);
    lane.open();
    lane.take();
    lane.say(no_eval);
    EXPECT_EQ(lane.take(taken).size(), taken);
    lane.take_ended();
    lane.say(taken == 0 ? "+1\r\n" : "+1\r\n+2\r\n");
    EXPECT_EQ(lane.take_ended(),
              (Lines{"1 protocol_error: there:6379/0: a reply nobody asked for"}));
    EXPECT_EQ(lane.connection.state(), State::closing);
  }
}

TEST(Detour, MayFail) {
  Lane lane;
  lane.steps = {"one\n"};
  lane.steps_end = {Kind::failed};
  lane.issue(1, "eval\n", script);
  lane.issue(2, "get\n");
  lane.open();
  lane.take();
  lane.say(no_eval);
  lane.take_ended();
  lane.take();
  lane.say(":1\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 server_error: ERR in the end"}));
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"2 +a"}));
  lane.expect_nothing_left();
}

TEST(Detour, GoesOnWhenItsCallerHasTimedOut) {
  Lane lane;
  lane.issue(1, "eval\n", {.limit_ms = 100, .script = true});
  lane.issue(2, "get\n", {.limit_ms = 1000});
  lane.open();
  lane.take();
  lane.say(no_eval);
  EXPECT_EQ(lane.take(), "one\n");
  lane.tick(100);
  lane.say("+1\r\n");
  EXPECT_EQ(lane.take(), "two\n");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  lane.take_ended();
  lane.expect_nothing_left();
}

TEST(Detour, IsNotBegunForNobody) {
  Lane lane;
  lane.issue(1, "eval\n", {.limit_ms = 100, .script = true});
  lane.issue(2, "eval\n", {.limit_ms = 100, .script = true});
  lane.issue(3, "get\n", {.limit_ms = 1000});
  lane.open();
  lane.take();
  lane.tick(100);
  lane.say(no_eval);
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  EXPECT_EQ(lane.take_ended().back(), "3 +a");
  lane.expect_nothing_left();
}

TEST(Detour, IsLostWithItsConnection) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.issue(2, "get\n");
  lane.open();
  lane.take();
  lane.say(no_eval);
  EXPECT_EQ(lane.take(), "one\n");
  lane.take_ended();
  lane.lose();
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 connection_lost: there:6379/0: connection reset by peer"}));
  lane.reopen();
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  lane.issue(3, "eval\n", script);  // another server, perhaps
  lane.turn();
  EXPECT_EQ(lane.take(), "eval\n");
  lane.say(":3\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"2 +a", "3 :3"}));
  lane.expect_nothing_left();
}

// Found dead before its first byte was sent, like an idle connection.
TEST(Detour, ThatHasSentNothingIsBegunAnew) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.open();
  lane.take();
  lane.say(no_eval);
  lane.take();
  lane.say("+1\r\n");
  lane.take();
  lane.say("+2\r\n");
  lane.take_ended();
  lane.issue(2, "eval\n", script);
  lane.turn();
  EXPECT_TRUE(lane.connection.quiet());
  lane.lose();
  lane.take_ended();
  lane.reopen();
  EXPECT_EQ(lane.take(), "eval\n");
  lane.say(":5\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"2 :5"}));
  lane.expect_nothing_left();
}

TEST(Detour, IsSeenThroughByADrain) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.issue(2, "eval\n", script);
  lane.open();
  lane.take();
  lane.retire(1000);
  lane.say(no_eval);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(lane.take(), "one\n");
    lane.say("+1\r\n");
    EXPECT_EQ(lane.take(), "two\n");
    lane.say("+2\r\n");
  }
  EXPECT_EQ(lane.take_ended().back(), "2 :7");
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.closed();
  EXPECT_TRUE(lane.connection.finished());
  lane.expect_nothing_left();
}

TEST(Detour, IsForgottenWhenMemoryRanOut) {
  Lane lane;
  lane.issue(1, "eval\n", script);
  lane.open();
  lane.take();
  lane.say(no_eval);
  lane.take();
  lane.connection.start_over(lane.now);
  lane.totals.operations = lane.totals.bytes = 0;  // the pool counts anew
  lane.look();
  lane.issue(2, "get\n");
  lane.reopen();
  EXPECT_EQ(lane.take(), "get\n");
  lane.say("+a\r\n");
  EXPECT_EQ(lane.take_ended().back(), "2 +a");
  lane.expect_nothing_left();
}

// --- MULTI.

constexpr Issue three_parts{.idempotent = true, .replies = 4, .loose = true};
constexpr std::string_view no_multi =
    "-ERR unknown command 'MULTI', with args beginning with: \r\n";

TEST(Detour, WithoutMultiTheCommandsDo) {
  Lane lane;
  lane.issue(1, "multi set set exec\n", three_parts);
  lane.issue(2, "get\n");
  lane.open();
  EXPECT_TRUE(lane.connection.takes_transactions());
  EXPECT_EQ(lane.take(), "multi set set exec\nget\n");
  lane.say(std::string(no_multi) + "+OK\r\n+OK\r\n-ERR EXEC without MULTI\r\n+a\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 []", "2 +a"}));
  EXPECT_FALSE(lane.connection.takes_transactions());
  lane.issue(3, "multi set set exec\n", three_parts);
  lane.turn();
  lane.take();
  lane.say(std::string(no_multi) + "+OK\r\n+OK\r\n-NOPERM the 'exec' command\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"3 []"}));
  EXPECT_EQ(fall_backs(lane).size(), 1u);
  lane.lose();
  EXPECT_TRUE(lane.connection.takes_transactions());
  lane.expect_nothing_left();
}

TEST(Detour, WithoutMultiTheFirstErrorCounts) {
  Lane lane;
  lane.issue(1, "multi set set exec\n", three_parts);
  lane.issue(2, "multi set set exec\n", three_parts);
  lane.open();
  lane.take();
  lane.say(std::string(no_multi) + "+OK\r\n-OOM no\r\n-ERR EXEC without MULTI\r\n");
  lane.say("+OK\r\n+QUEUED\r\n-ERR unknown command 'MULTI'\r\n-EXECABORT no\r\n");
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 server_error: OOM no", "2 server_error: ERR unknown command 'MULTI'"}));
  lane.expect_nothing_left();
}

TEST(Detour, APartOfAnotherTypeEndsTheConnection) {
  Lane lane;
  lane.issue(1, "multi set set exec\n", three_parts);
  lane.open();
  lane.take();
  lane.say("+OK\r\n*0\r\n");
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 protocol_error: there:6379/0: a reply of an unexpected type"}));
  EXPECT_EQ(lane.connection.state(), State::closing);
}

}  // namespace
}  // namespace djcache::link::test
