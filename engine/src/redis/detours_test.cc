// The commands that replace each script, and the outcome of their replies.
#include "redis/detours.h"

#include <gmock/gmock.h>

#include "redis/test_rig.h"

namespace djcache::redis::test {
namespace {

using namespace std::string_literals;

constexpr std::string_view no_eval = "-ERR unknown command 'EVAL', with args beginning with: \r\n";
constexpr std::string_view nil = "$-1\r\n";

// A conversation: the commands sent, and the server's replies.
struct Line {
  Lines commands;  // the words of each as one text
  std::string said;
};

Lines words_of(const std::string& text) {
  Lines words{""};
  // "\x01" stands for a space within a word.
  for (const char c : text)
    c == ' ' ? void(words.emplace_back()) : words.back().push_back(c == '\x01' ? ' ' : c);
  return words;
}

// Until the operation has ended; returns its outcome.
std::string talk(Rig& rig, const std::vector<Line>& lines) {
  rig.sent();
  rig.answer(no_eval);
  for (const Line& line : lines) {
    std::string expected;
    for (const std::string& each : line.commands) expected += command(words_of(each));
    EXPECT_EQ(rig.sent(), expected);
    EXPECT_TRUE(rig.ended.empty()) << rig.ended.front();
    rig.answer(line.said);
  }
  if (rig.pools[0]->route("").state() == link::Connection::State::ready) {
    EXPECT_EQ(rig.sent(), "");
  }
  const Lines ended = rig.take_ended();
  return ended.size() == 1 ? ended.front() : std::to_string(ended.size()) + " have ended";
}

std::string incr(const std::vector<Line>& lines) {
  Rig rig;
  rig.backend->ask({.verb = Verb::incr, .key = key("k"), .number = 5}, rig.call());
  return talk(rig, lines);
}
std::string move(const Expiry& expiry, const std::vector<Line>& lines) {
  Rig rig;
  rig.backend->ask({.verb = Verb::move, .key = key("k"), .expiry = expiry, .text = "l"},
                   rig.call());
  return talk(rig, lines);
}
std::string unlock(const std::vector<Line>& lines) {
  Rig rig;
  rig.backend->ask({.verb = Verb::unlock, .key = key("k"), .text = "token"}, rig.call());
  return talk(rig, lines);
}
std::string prolong(bool more, const std::vector<Line>& lines) {
  Rig rig;
  rig.backend->ask(
      {.verb = more ? Verb::extend : Verb::renew, .key = key("k"), .number = 500, .text = "token"},
      rig.call());
  return talk(rig, lines);
}
std::string holds(const std::vector<Line>& lines) {
  Rig rig;
  rig.backend->ask({.verb = Verb::holds, .key = key("k"), .text = "token"}, rig.call());
  return talk(rig, lines);
}

TEST(Detours, IncrIsDjangos) {
  EXPECT_EQ(incr({{{"EXISTS k"}, ":1\r\n"}, {{"INCRBY k 5"}, ":12\r\n"}}), "a yes 12");
  EXPECT_EQ(incr({{{"EXISTS k"}, ":0\r\n"}}), "a error: Key 'k' not found");
  EXPECT_EQ(incr({{{"EXISTS k"}, ":1\r\n"}, {{"INCRBY k 5"}, ":-3\r\n"}}), "a no -3");
  EXPECT_EQ(incr({{{"EXISTS k"}, "-NOPERM the 'exists' command\r\n"}}),
            "a error: there:6379/0: NOPERM the 'exists' command");
  EXPECT_EQ(incr({{{"EXISTS k"}, ":1\r\n"},
                  {{"INCRBY k 5"}, "-ERR value is not an integer or out of range\r\n"}}),
            "a error: Key 'k': ERR value is not an integer or out of range");
  EXPECT_EQ(incr({{{"EXISTS k"}, "*0\r\n"}}),
            "a error: there:6379/0: a reply of an unexpected type or size");
}

TEST(Detours, MoveIsDjangos) {
  EXPECT_EQ(move(seconds(9),
                 {{{"GET k"}, bulk("v")}, {{"SET l v EX 9"}, "+OK\r\n"}, {{"DEL k"}, ":1\r\n"}}),
            "a yes 1");
  EXPECT_EQ(
      move(forever, {{{"GET k"}, bulk("v")}, {{"SET l v"}, "+OK\r\n"}, {{"DEL k"}, ":0\r\n"}}),
      "a yes 1");
  EXPECT_EQ(
      move(seconds(0), {{{"GET k"}, bulk("v")}, {{"DEL l"}, ":0\r\n"}, {{"DEL k"}, ":1\r\n"}}),
      "a yes 1");
  EXPECT_EQ(move(forever, {{{"GET k"}, std::string(nil)}}), "a no");
  constexpr Expiry kept{.keep = true};
  EXPECT_EQ(move(kept, {{{"GET k"}, bulk("v")},
                        {{"PTTL k"}, ":700\r\n"},
                        {{"SET l v PX 700"}, "+OK\r\n"},
                        {{"DEL k"}, ":1\r\n"}}),
            "a yes 1");
  EXPECT_EQ(move(kept, {{{"GET k"}, bulk("v")},
                        {{"PTTL k"}, ":-1\r\n"},
                        {{"SET l v"}, "+OK\r\n"},
                        {{"DEL k"}, ":1\r\n"}}),
            "a yes 1");
  EXPECT_EQ(move(kept, {{{"GET k"}, bulk("v")}, {{"PTTL k"}, ":-2\r\n"}}), "a no");
  EXPECT_EQ(move(kept, {{{"GET k"}, std::string(nil)}}), "a no");
  EXPECT_EQ(move(forever, {{{"GET k"}, bulk("v")}, {{"SET l v"}, "-OOM no\r\n"}}),
            "a error: there:6379/0: OOM no");
  EXPECT_THAT(move(forever, {{{"GET k"}, bulk("planted value")},
                             {{"SET l planted\x01value"}, "-ERR what is 'planted value'\r\n"}}),
              testing::Not(testing::HasSubstr("planted")));
  EXPECT_EQ(move(forever, {{{"GET k"}, "-WRONGTYPE no\r\n"}}), "a error: Key 'k': WRONGTYPE no");
  EXPECT_THAT(move(forever, {{{"GET k"}, bulk(std::string(1001, 'v'))}}),
              testing::HasSubstr("value_max_bytes"));
}

TEST(Detours, UnlockWatchesTheEntry) {
  const Line mine{{"WATCH k", "GET k"}, "+OK\r\n" + bulk("token")};
  const Line begin{{"MULTI"}, "+OK\r\n"};
  EXPECT_EQ(unlock({mine, begin, {{"DEL k", "EXEC"}, "+QUEUED\r\n*1\r\n:1\r\n"}}), "a yes 1");
  // Expired in between.
  EXPECT_EQ(unlock({mine, begin, {{"DEL k", "EXEC"}, "+QUEUED\r\n*1\r\n:0\r\n"}}), "a no");
  // Held with another token, free, or not a lock at all.
  for (const std::string& theirs : {bulk("other"), std::string(nil), "-WRONGTYPE no\r\n"s}) {
    EXPECT_EQ(unlock({{{"WATCH k", "GET k"}, "+OK\r\n" + theirs}, {{"UNWATCH"}, "+OK\r\n"}}),
              "a no");
  }
  // Changed in between: it is read again.
  EXPECT_EQ(unlock({mine,
                    begin,
                    {{"DEL k", "EXEC"}, "+QUEUED\r\n*-1\r\n"},
                    {{"WATCH k", "GET k"}, "+OK\r\n" + bulk("other")},
                    {{"UNWATCH"}, "+OK\r\n"}}),
            "a no");
}

TEST(Detours, AnEntryThatChangesAllTheTimeEnds) {
  std::vector<Line> lines;
  for (int i = 0; i < 16; ++i) {
    lines.push_back({{"WATCH k", "GET k"}, "+OK\r\n" + bulk("token")});
    lines.push_back({{"MULTI"}, "+OK\r\n"});
    lines.push_back({{"DEL k", "EXEC"}, "+QUEUED\r\n*-1\r\n"});
  }
  EXPECT_THAT(unlock(lines), testing::HasSubstr("changed all the time"));
}

// No state may be left on the connection that would affect another operation.
TEST(Detours, AFailureLeavesNeitherWatchNorTransaction) {
  const Line mine{{"WATCH k", "GET k"}, "+OK\r\n" + bulk("token")};
  const Line begin{{"MULTI"}, "+OK\r\n"};
  EXPECT_EQ(unlock({{{"WATCH k", "GET k"}, "+OK\r\n-LOADING no\r\n"}, {{"UNWATCH"}, "+OK\r\n"}}),
            "a error: there:6379/0: LOADING no");
  EXPECT_EQ(unlock({mine, {{"MULTI"}, "-LOADING no\r\n"}, {{"UNWATCH"}, "+OK\r\n"}}),
            "a error: there:6379/0: LOADING no");
  EXPECT_EQ(unlock({mine, begin, {{"DEL k", "EXEC"}, "-READONLY no\r\n-EXECABORT no\r\n"}}),
            "a error: there:6379/0: READONLY no");
  EXPECT_EQ(unlock({mine,
                    begin,
                    {{"DEL k", "EXEC"}, "+QUEUED\r\n-NOPERM the 'exec' command\r\n"},
                    {{"DISCARD"}, "+OK\r\n"}}),
            "a error: there:6379/0: NOPERM the 'exec' command");
}

TEST(Detours, ProlongWatchesTheEntry) {
  const Line mine{{"WATCH k", "GET k"}, "+OK\r\n" + bulk("token")};
  const Line begin{{"MULTI"}, "+OK\r\n"};
  EXPECT_EQ(prolong(false, {mine, begin, {{"PEXPIRE k 500", "EXEC"}, "+QUEUED\r\n*1\r\n:1\r\n"}}),
            "a yes 1");
  EXPECT_EQ(prolong(true, {mine,
                           {{"PTTL k"}, ":1000\r\n"},
                           begin,
                           {{"PEXPIRE k 1500", "EXEC"}, "+QUEUED\r\n*1\r\n:1\r\n"}}),
            "a yes 1");
  // Without an expiry there is nothing to extend.
  EXPECT_EQ(prolong(true, {mine, {{"PTTL k"}, ":-1\r\n"}, {{"UNWATCH"}, "+OK\r\n"}}), "a no");
}

TEST(Detours, HoldsLooks) {
  EXPECT_EQ(holds({{{"GET k"}, bulk("token")}}), "a yes 1");
  EXPECT_EQ(holds({{{"GET k"}, bulk("other")}}), "a no");
  EXPECT_EQ(holds({{{"GET k"}, std::string(nil)}}), "a no");
  EXPECT_EQ(holds({{{"GET k"}, "-WRONGTYPE no\r\n"}}), "a no");
  EXPECT_EQ(holds({{{"GET k"}, "-LOADING no\r\n"}}), "a error: there:6379/0: LOADING no");
}

// Never a DEL without a comparison: what the server does not support is not done.
TEST(Detours, WithoutTransactionsTheServerCompares) {
  const Line no_watch{{"WATCH k", "GET k"}, "-ERR unknown command 'WATCH'\r\n" + bulk("token")};
  EXPECT_EQ(unlock({no_watch, {{"DELIFEQ k token"}, ":1\r\n"}}), "a yes 1");
  EXPECT_EQ(unlock({no_watch,
                    {{"DELIFEQ k token"}, "-ERR unknown command 'DELIFEQ'\r\n"},
                    {{"DELEX k IFEQ token"}, ":1\r\n"}}),
            "a yes 1");
  EXPECT_EQ(unlock({no_watch, {{"DELIFEQ k token"}, ":0\r\n"}}), "a no");
  EXPECT_EQ(prolong(false, {no_watch, {{"SET k token IFEQ token PX 500"}, "+OK\r\n"}}), "a yes 1");
  EXPECT_EQ(prolong(false, {no_watch, {{"SET k token IFEQ token PX 500"}, std::string(nil)}}),
            "a no");
  EXPECT_EQ(prolong(true, {no_watch,
                           {{"PTTL k"}, ":1000\r\n"},
                           {{"SET k token IFEQ token PX 1500"}, "+OK\r\n"}}),
            "a yes 1");
  EXPECT_EQ(unlock({{{"WATCH k", "GET k"}, "+OK\r\n" + bulk("token")},
                    {{"MULTI"}, "-ERR unknown command 'MULTI'\r\n"},
                    {{"UNWATCH"}, "+OK\r\n"},
                    {{"DELIFEQ k token"}, ":1\r\n"}}),
            "a yes 1");
  const auto refused = testing::HasSubstr("ERR unknown command 'EVAL'");
  EXPECT_THAT(unlock({no_watch,
                      {{"DELIFEQ k token"}, "-ERR unknown command 'DELIFEQ'\r\n"},
                      {{"DELEX k IFEQ token"}, "-ERR unknown command 'DELEX'\r\n"}}),
              refused);
  EXPECT_THAT(
      prolong(false, {no_watch, {{"SET k token IFEQ token PX 500"}, "-ERR syntax error\r\n"}}),
      refused);
}

TEST(Detours, ARefusedMultiOfSetManyIsNotSentAgain) {
  Rig rig;
  const std::vector<StoredEntry> entries{{key("k"), "v"}, {key("l"), "w"}};
  rig.backend->ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(9)},
                        rig.call());
  const std::string sets =
      command({"SET", "k", "v", "EX", "9"}) + command({"SET", "l", "w", "EX", "9"});
  EXPECT_EQ(rig.sent(), command({"MULTI"}) + sets + command({"EXEC"}));
  rig.answer("-ERR unknown command 'MULTI'\r\n+OK\r\n+OK\r\n-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(rig.take_ended(), (Lines{"a no"}));
  rig.backend->ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(9)},
                        rig.call());
  EXPECT_EQ(rig.sent(), sets);
  rig.answer("+OK\r\n+OK\r\n");
  EXPECT_EQ(rig.take_ended(), (Lines{"a yes"}));
  rig.backend->ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(9)},
                        rig.call());
  EXPECT_EQ(rig.sent(), sets);
  rig.answer("-OOM no\r\n+OK\r\n");
  EXPECT_EQ(rig.take_ended(), (Lines{"a error: there:6379/0: OOM no"}));
}

}  // namespace
}  // namespace djcache::redis::test
