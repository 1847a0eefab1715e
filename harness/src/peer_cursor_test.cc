#include "peer_cursor.h"

#include <gtest/gtest.h>

#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

using Kind = PeerAction::Kind;

TEST(PeerCursor, ARequestIsAnsweredWhenItIsWhole) {
  PeerCursor cursor(PeerScript{}.expect_command({"GET", "a"}).send("$-1\r\n"));
  const std::string request = encode_command({"GET", "a"});
  for (const char byte : request) {
    EXPECT_EQ(cursor.next().kind, Kind::wait);
    EXPECT_FALSE(cursor.finished());
    cursor.on_bytes(std::string(1, byte));
  }
  const auto action = cursor.next();
  EXPECT_EQ(action.kind, Kind::send);
  EXPECT_EQ(action.bytes, "$-1\r\n");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
}

TEST(PeerCursor, PipelinedRequestsAreMatchedOneByOne) {
  PeerCursor cursor(PeerScript{}.expect("ab").send("1").expect("cd").send("2"));
  cursor.on_bytes("abcd");
  EXPECT_EQ(cursor.next().bytes, "1");
  EXPECT_EQ(cursor.next().bytes, "2");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
}

TEST(PeerCursor, AMismatchNamesStepAndBothSidesAndPosition) {
  PeerCursor cursor(PeerScript{}.expect("ab").expect("hello\r\n"));
  cursor.on_bytes("abhelp!");
  EXPECT_EQ(cursor.next().kind, Kind::fail);
  EXPECT_EQ(
      cursor.problem(),
      "step 2 (EXPECT hello\\r\\n): expected \"hello\\r\\n\", seen \"help!\", which differs at "
      "byte 3 of the step, byte 5 of the connection");
  EXPECT_EQ(cursor.next().kind, Kind::fail) << "and it stays failed";
  EXPECT_FALSE(cursor.finished());
}

TEST(PeerCursor, AnEndInTheMiddleIsAMismatch) {
  PeerCursor cursor(PeerScript{}.expect("hello"));
  cursor.on_bytes("he");
  cursor.on_end();
  EXPECT_EQ(cursor.next().kind, Kind::fail);
  EXPECT_EQ(cursor.problem(),
            "step 1 (EXPECT hello): the client ended the connection after \"he\"");
}

TEST(PeerCursor, BytesAfterTheLastStepAreAMismatch) {
  PeerCursor cursor(PeerScript{}.expect("a"));
  cursor.on_bytes("ab");
  EXPECT_EQ(cursor.next().kind, Kind::fail);
  EXPECT_EQ(cursor.problem(), "after the last step the client sent \"b\"");
}

TEST(PeerCursor, AnyCommandOfANamePasses) {
  PeerCursor cursor(PeerScript{}.expect_any_command("get").expect_any_command());
  cursor.on_bytes(encode_command({"GET", "whatever"}) + encode_command({"SET", "a", "b"}));
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
}

TEST(PeerCursor, ACommandOfAnotherNameIsAMismatch) {
  PeerCursor cursor(PeerScript{}.expect_any_command("GET"));
  cursor.on_bytes(encode_command({"SET", "a", "b"}));
  EXPECT_EQ(cursor.next().kind, Kind::fail);
  EXPECT_NE(cursor.problem().find("expected GET, seen"), std::string::npos) << cursor.problem();
}

TEST(PeerCursor, WhatIsNoCommandIsAMismatch) {
  PeerCursor cursor(PeerScript{}.expect_any_command());
  cursor.on_bytes("PING\r\n");
  EXPECT_EQ(cursor.next().kind, Kind::fail);
}

TEST(PeerCursor, AHandshakeIsAnsweredInAnyOrder) {
  PeerCursor cursor(
      PeerScript{}.expect_handshake({.name = true, .auth = true, .db = 2}).send("after"));
  cursor.on_bytes(encode_command({"CLIENT", "SETNAME", "x"}) + encode_command({"AUTH", "p"}));
  EXPECT_EQ(cursor.next().bytes, "+OK\r\n");
  EXPECT_EQ(cursor.next().bytes, "+OK\r\n");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  cursor.on_bytes(encode_command({"SELECT", "2"}));
  EXPECT_EQ(cursor.next().bytes, "+OK\r\n");
  EXPECT_EQ(cursor.next().bytes, "after");
}

TEST(PeerCursor, AHandshakeWithoutWordsPassesAtOnce) {
  PeerCursor cursor(PeerScript{}.expect_handshake({}).send("a"));
  EXPECT_EQ(cursor.next().bytes, "a");
}

TEST(PeerCursor, AWrongHandshakeShowsNoSecret) {
  PeerCursor wrong_db(PeerScript{}.expect_handshake({.db = 2}));
  wrong_db.on_bytes(encode_command({"SELECT", "3"}));
  EXPECT_EQ(wrong_db.next().kind, Kind::fail);
  PeerCursor auth(PeerScript{}.expect_handshake({.name = true}));
  auth.on_bytes(encode_command({"AUTH", "hunter2"}));
  EXPECT_EQ(auth.next().kind, Kind::fail);
  EXPECT_EQ(auth.problem(), "step 1 (HANDSHAKE SETNAME): in the handshake, unexpected AUTH");
}

TEST(PeerCursor, DiscardCountsOverSeveralReads) {
  PeerCursor cursor(PeerScript{}.discard(5).expect("x"));
  cursor.on_bytes("abc");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  cursor.on_bytes("dex");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
}

TEST(PeerCursor, APauseKeepsWhatComesUntilResumed) {
  PeerCursor cursor(PeerScript{}.pause().expect("a").send("b"));
  cursor.on_bytes("a");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.paused());
  cursor.resume();
  EXPECT_FALSE(cursor.paused());
  EXPECT_EQ(cursor.next().bytes, "b");
}

TEST(PeerCursor, AResumeBeforeThePauseIsNotLost) {
  PeerCursor cursor(PeerScript{}.expect("a").pause().send("b"));
  cursor.resume();
  cursor.on_bytes("a");
  EXPECT_EQ(cursor.next().bytes, "b");
}

TEST(PeerCursor, AStallStopsReadingUntilResumed) {
  PeerCursor cursor(PeerScript{}.stall().expect("a"));
  EXPECT_EQ(cursor.next().kind, Kind::stop_reading);
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.paused());
  cursor.resume();
  EXPECT_EQ(cursor.next().kind, Kind::start_reading);
  cursor.on_bytes("a");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
}

TEST(PeerCursor, HoldThrowsAwayAndCountsAsTheEnd) {
  PeerCursor cursor(PeerScript{}.hold());
  cursor.on_bytes("anything");
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
  cursor.on_end();
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
}

TEST(PeerCursor, TheClientsEndCanBeExpected) {
  PeerCursor cursor(PeerScript{}.expect_close());
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_FALSE(cursor.finished());
  cursor.on_end();
  EXPECT_EQ(cursor.next().kind, Kind::wait);
  EXPECT_TRUE(cursor.finished());
  PeerCursor talks(PeerScript{}.expect_close());
  talks.on_bytes("x");
  EXPECT_EQ(talks.next().kind, Kind::fail);
}

TEST(PeerCursor, CloseAndResetEndTheScript) {
  PeerCursor closes(PeerScript{}.close().send("never"));
  EXPECT_EQ(closes.next().kind, Kind::close);
  EXPECT_TRUE(closes.finished());
  PeerCursor resets(PeerScript{}.send("a").reset());
  EXPECT_EQ(resets.next().kind, Kind::send);
  EXPECT_EQ(resets.next().kind, Kind::reset);
  EXPECT_TRUE(resets.finished());
}

}  // namespace
}  // namespace djcache::harness
