// How commands affect their connection, and the limits of blocking commands.
#include "client/conduct.h"

#include <gtest/gtest.h>

namespace djcache::client {
namespace {

using Words = std::vector<std::string>;

Conduct of(const Words& words) { return conduct_of(words); }

TEST(Conduct, PlainCommandsArePlainWhateverTheyAreCalled) {
  EXPECT_EQ(of({"GET", "a"}), Conduct::plain);
  EXPECT_EQ(of({"SOME.MODULE", "a"}), Conduct::plain);
  EXPECT_EQ(of({"CLIENT", "LIST"}), Conduct::plain);
  EXPECT_EQ(of({"XREAD", "STREAMS", "s", "0"}), Conduct::plain);
  EXPECT_EQ(of({"SCRIPT", "LOAD", "x"}), Conduct::plain);
  EXPECT_EQ(of({std::string(1000, 'G')}), Conduct::plain);
}

TEST(Conduct, CaseDoesNotMatter) {
  EXPECT_EQ(of({"select", "1"}), Conduct::changes);
  EXPECT_EQ(of({"bLpOp", "a", "1"}), Conduct::blocks);
  EXPECT_EQ(of({"client", "reply", "off"}), Conduct::unusable);
}

TEST(Conduct, WhatChangesBlocksOrNeverEndsIsKnown) {
  EXPECT_EQ(of({"CLIENT", "SETNAME", "x"}), Conduct::changes);
  EXPECT_EQ(of({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "5", "STREAMS", "s", ">"}),
            Conduct::blocks);
  EXPECT_EQ(of({"auth", "x"}), Conduct::authenticates);
  EXPECT_EQ(of({"WATCH", "a"}), Conduct::watches);
  EXPECT_EQ(of({"DISCARD"}), Conduct::ends_multi);
  EXPECT_EQ(of({"MONITOR"}), Conduct::listens);
  EXPECT_EQ(of({"HELLO", "3"}), Conduct::unusable);
  EXPECT_EQ(of({}), Conduct::empty);
  EXPECT_EQ(of({""}), Conduct::empty);
}

TEST(Conduct, HowLongABlockIsToLast) {
  const auto time = [](const Words& words) { return blocks_for(words); };
  EXPECT_EQ(time({"BLPOP", "a", "b", "1.5"}), 1500);
  EXPECT_EQ(time({"BRPOP", "a", "0"}), 0);
  EXPECT_EQ(time({"BLMPOP", "2", "1", "a", "LEFT"}), 2000);
  EXPECT_EQ(time({"XREAD", "COUNT", "1", "BLOCK", "250", "STREAMS", "s", "$"}), 250);
  EXPECT_EQ(time({"WAIT", "1", "100"}), 100);
  EXPECT_EQ(time({"BLPOP", "a", "soon"}), std::nullopt);
  EXPECT_EQ(time({"BLPOP", "a", "-1"}), std::nullopt);
  EXPECT_EQ(time({"BLPOP", "a", "1e300"}), std::nullopt);
  EXPECT_EQ(time({"BLPOP"}), std::nullopt);
  EXPECT_EQ(time({"XREAD", "BLOCK"}), std::nullopt);
}

TEST(Conduct, ARefusalNamesTheCommandAndTheWayOut) {
  EXPECT_EQ(refusal(Conduct::plain, "GET", On::shared), std::nullopt);
  EXPECT_EQ(refusal(Conduct::blocks, "blpop", On::shared)->detail,
            "BLPOP blocks the connection, which others share: take one from Client::lease()");
  EXPECT_EQ(refusal(Conduct::blocks, "BLPOP", On::lease), std::nullopt);
  EXPECT_EQ(refusal(Conduct::blocks, "BLPOP", On::transaction), std::nullopt);
  EXPECT_EQ(refusal(Conduct::changes, "SELECT", On::transaction)->code, Errc::not_supported);
  EXPECT_EQ(refusal(Conduct::changes, "SELECT", On::leased_transaction), std::nullopt);
  EXPECT_EQ(refusal(Conduct::authenticates, "AUTH", On::shared)->code, Errc::not_supported);
  EXPECT_EQ(refusal(Conduct::authenticates, "AUTH", On::leased_transaction)->code,
            Errc::not_supported);
  EXPECT_EQ(refusal(Conduct::authenticates, "AUTH", On::lease), std::nullopt);
  EXPECT_EQ(refusal(Conduct::begins_multi, "MULTI", On::leased_transaction)->code,
            Errc::not_supported);
  EXPECT_EQ(refusal(Conduct::unusable, "HELLO", On::lease)->code, Errc::not_supported);
  EXPECT_EQ(refusal(Conduct::empty, "", On::lease)->code, Errc::invalid_argument);
}

}  // namespace
}  // namespace djcache::client
