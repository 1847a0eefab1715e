#include <djcache/harness/command_log.h>

#include <gtest/gtest.h>

#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>

#include "resp_client.h"

namespace djcache::harness {
namespace {

using std::chrono::milliseconds;

TEST(MonitorLine, WordsAreUnquoted) {
  const auto entry = parse_monitor_line(
      "1700000000.123456 [3 127.0.0.1:5000] \"SET\" \"a \\\"b\\\\\" \"\\x00\\xff\\r\\n\\t\\a\\b\" "
      "\"\"");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->db, 3);
  EXPECT_EQ(entry->address, "127.0.0.1:5000");
  EXPECT_EQ(entry->words,
            (std::vector<std::string>{"SET", "a \"b\\", std::string("\0\xff\r\n\t\a\b", 7), ""}));
}

TEST(MonitorLine, AddressesOfAllKinds) {
  EXPECT_EQ(parse_monitor_line("1.2 [0 lua] \"get\"")->address, "lua");
  EXPECT_EQ(parse_monitor_line("1.2 [0 unix:/t/s.sock] \"get\"")->address, "unix:/t/s.sock");
  EXPECT_EQ(parse_monitor_line("1.2 [0 [::1]:500] \"get\"")->address, "[::1]:500");
}

TEST(MonitorLine, AnythingElseIsNone) {
  for (const char* line : {"", "OK", "1.2 [0 lua]", "1.2 [0 lua] \"get", "1.2 [0 lua] \"g\\x0\"",
                           "1.2 [0 lua] \"a\"b", "1.2 \"get\""}) {
    EXPECT_FALSE(parse_monitor_line(line)) << line;
  }
}

// A client that is not the harness' own, because it has no name.
class CommandLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server = SharedRedisServer::get();
    ASSERT_TRUE(server) << server.problem;
    ASSERT_TRUE(client.connect(server->endpoint(), Deadline(milliseconds(5000))));
    auto opened = CommandLog::open(server->endpoint());
    ASSERT_TRUE(opened) << opened.problem;
    log = std::move(opened.value);
  }
  Reply call(const std::vector<std::string>& words) {
    return client.call(words, Deadline(milliseconds(5000)));
  }
  SharedRedisServer::Result server;
  RespClient client;
  std::unique_ptr<CommandLog> log;
};

TEST_F(CommandLogTest, CommandsAreRecordedWordByWordInOrder) {
  const std::string bytes("\0\r\n\"", 4);
  call({"SET", "a", bytes});
  call({"get", "a"});
  EXPECT_EQ(log->take(), (Commands{{"SET", "a", bytes}, {"get", "a"}}));
}

TEST_F(CommandLogTest, EachTakeBeginsWhereTheLastEnded) {
  call({"GET", "a"});
  EXPECT_EQ(log->take(), (Commands{{"GET", "a"}}));
  EXPECT_EQ(log->take(), Commands{});
  call({"GET", "b"});
  EXPECT_EQ(log->take(), (Commands{{"GET", "b"}}));
}

TEST_F(CommandLogTest, InspectorsAreLeftOutBeforeAndDuringAndWhenGone) {
  auto during = Inspector::open(server->endpoint(2));
  ASSERT_TRUE(during) << during.problem;
  during->command({"SET", "x", "1"});
  {
    auto gone = Inspector::open(server->endpoint(3));
    ASSERT_TRUE(gone) << gone.problem;
    gone->command({"SET", "y", "1"});
  }
  call({"GET", "a"});
  EXPECT_EQ(log->take(), (Commands{{"GET", "a"}}));
}

TEST_F(CommandLogTest, WhatScriptsCallIsOnlyAmongTheEntries) {
  call({"EVAL", "return redis.call('GET', 'inner')", "0"});
  call({"SELECT", "1"});
  call({"GET", "outer"});
  const auto entries = log->take_entries();
  ASSERT_TRUE(entries) << log->problem();
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[1].address, "lua");
  EXPECT_EQ((*entries)[1].words, (std::vector<std::string>{"GET", "inner"}));
  EXPECT_EQ((*entries)[3].db, 1);
  call({"EVAL", "return redis.call('GET', 'inner')", "0"});
  EXPECT_EQ(log->take()->size(), 1U);
}

TEST_F(CommandLogTest, ABrokenRecordIsAProblemAndNotSilence) {
  server->kill9();
  EXPECT_EQ(log->take(), std::nullopt);
  EXPECT_NE(log->problem(), "");
}

TEST_F(CommandLogTest, ALongRecordIsReadWhole) {
  constexpr int commands = 2000;
  for (int i = 0; i < commands; ++i) call({"GET", std::to_string(i)});
  const auto taken = log->take();
  ASSERT_TRUE(taken) << log->problem();
  ASSERT_EQ(taken->size(), static_cast<std::size_t>(commands));
  EXPECT_EQ(taken->back(), (std::vector<std::string>{"GET", std::to_string(commands - 1)}));
}

}  // namespace
}  // namespace djcache::harness
