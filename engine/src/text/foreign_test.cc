// Quoted server texts repeat nothing that was sent.
#include "text/foreign.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace djcache::text {
namespace {

using namespace std::string_literals;

std::string command(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return bytes;
}

TEST(Foreign, NothingFollowsTheNameOfAnUnknownCommand) {
  const std::string get = command({"GET", "k"});
  EXPECT_EQ(foreign("ERR unknown command SET secret", {get}), "ERR unknown command SET");
  EXPECT_EQ(foreign("ERR unknown command 'SET' secret", {get}), "ERR unknown command 'SET'");
  EXPECT_EQ(foreign("ERR unknown command `SET`, with args beginning with: `secret`", {get}),
            "ERR unknown command `SET`");
}

TEST(Refuses, TheCommandIsNamedInWhateverWords) {
  for (const char* error :
       {"ERR unknown command 'EVAL', with args beginning with: 'x'",
        "ERR unknown command `eval`, with args beginning with: ",
        "NOPERM this user has no permissions to run the 'eval' command or its subcommand",
        "NOPERM User app has no permissions to run the 'eval' command",
        "ERR command not supported: Eval", "ERR EVAL is disabled here",
        "ERR handle request, command 'EVAL' is not allowed", "unsupported command 'eval'"}) {
    EXPECT_TRUE(refuses(error, "EVAL")) << error;
  }
  for (const char* error :
       {"ERR evaluation failed", "NOPERM User eval has no permissions to access a key",
        "WRONGTYPE of EVAL", "ERR unknown command 'GET', with args beginning with: 'EVAL'",
        "LOADING EVAL", ""}) {
    EXPECT_FALSE(refuses(error, "EVAL")) << error;
  }
}

TEST(Foreign, WhatServersSayStaysAsItIs) {
  const std::string set = command({"SET", ":1:a", "planted"});
  for (const std::string text : {
           "WRONGTYPE Operation against a key holding the wrong kind of value",
           "READONLY You can't write against a read only replica.",
           "OOM command not allowed when used memory > 'maxmemory'.",
           "ERR wrong number of arguments for 'set' command",
           "SOMETHING new",
           "",
       }) {
    EXPECT_EQ(foreign(text, {set}), text);
  }
}

TEST(Foreign, ArgumentsAreCutOffHoweverTheyAreBegun) {
  for (const std::string begun :
       {", with args beginning with: 'abc'", ", with args beginning with:'abc'",
        ", WITH ARGS BEGINNING WITH `abc`", " with args beginning with abc"}) {
    EXPECT_EQ(foreign("ERR unknown command 'SET'" + begun, {}), "ERR unknown command 'SET'");
  }
}

TEST(Foreign, WhatItRepeatsOfACommandIsHidden) {
  const std::string set = command({"SET", "a", "va1ue-planted", "EX", "3000"});
  EXPECT_EQ(foreign("ERR you sent 'SET' 'a' 'va1ue-planted' 'EX' '3000'", {set}),
            "ERR you sent 'SET' 'a' '...' 'EX' '...'");
  EXPECT_EQ(foreign("va1ue-planted", {set}), "...");
  EXPECT_EQ(foreign("ERR near va1ue-pl", {set}), "ERR near ...");
  EXPECT_EQ(foreign("ERR near 1ue-planted!", {set}), "ERR near ...!");
  const std::string many = command({"MULTI"}) + command({"SET", "a", "first-secret"}) +
                           command({"SET", "b", "word"}) + command({"EXEC"});
  EXPECT_EQ(foreign("ERR a first-secret b word first-secret", {many}), "ERR a ... b ... ...");
}

TEST(Foreign, ARepetitionIsFoundInValuesOfAnySizeAndKind) {
  std::string large(1u << 20, 'a');
  large += "the end of it";
  EXPECT_EQ(foreign("ERR 'the end of it'", {command({"SET", "k", large})}), "ERR '...'");
  EXPECT_EQ(foreign("ERR " + std::string(100, 'a') + "!", {command({"SET", "k", large})}),
            "ERR ...!");
  EXPECT_EQ(foreign("ERR ab\0c\xff z"s, {command({"SET", "k", "ab\0c\xff"s})}), "ERR ... z");
}

TEST(Foreign, CredentialsAreHiddenWhereverTheyStand) {
  const std::string get = command({"GET", "a"});
  EXPECT_EQ(foreign("ERR user us3r-planted, password pa55w0rd", {get, "us3r-planted", "pa55w0rd"}),
            "ERR user ..., password ...");
  EXPECT_EQ(foreign("NOPERM a user a, abc", {get, "a", ""}), "NOPERM ... user ..., abc");
  EXPECT_EQ(foreign("xa a", {get, "", "a"}), "xa ...");
}

TEST(Foreign, TheUserThatMayNotIsNotNamed) {
  EXPECT_EQ(foreign("NOPERM User other has no permissions to run the 'get' command", {}),
            "NOPERM User ... has no permissions to run the 'get' command");
  EXPECT_EQ(foreign("NOPERM this user has no permissions to run the 'get' command", {}),
            "NOPERM this user has no permissions to run the 'get' command");
  EXPECT_EQ(foreign("x has no permissions, says User b", {}), "x has no permissions, says User b");
}

TEST(Foreign, ToCommandsWithCredentialsOnlyTheFirstWordCounts) {
  for (const std::string name : {"AUTH", "auth", "HELLO", "hello"}) {
    const std::string sent = command({name, "me", "abc"});
    EXPECT_EQ(foreign("ERR unknown command 'AUTH', called with: me abc", {sent}).substr(0, 4),
              "ERR:");
    EXPECT_EQ(foreign("ERR me abc", {sent}), "ERR");
    EXPECT_EQ(foreign("abc", {sent}), "an error");
    EXPECT_EQ(foreign("WRONGPASS abc", {sent}),
              "WRONGPASS: wrong user or password, or the user is off");
  }
  EXPECT_EQ(foreign("ERR me", {command({"AUTHOR", "x"})}), "ERR me");
}

TEST(Foreign, ControlCharactersAreWrittenOutAndTheLengthIsBounded) {
  EXPECT_EQ(foreign("ERR \x1b[31mred\r\n\0\xff"s, {}), R"(ERR \x1b[31mred\r\n\x00\xff)");
  EXPECT_EQ(foreign(std::string(65'000, 'x'), {}), std::string(foreign_max, 'x') + "...");
  const std::string escapes = foreign(std::string(65'000, '\x1b'), {});
  EXPECT_LE(escapes.size(), foreign_max + 10);
}

TEST(Foreign, ACommandThatIsNoneHidesNothing) {
  for (const std::string& sent : {"x"s, "*1\r\n"s, "*2\r\n$9\r\nab\r\n"s, "*2\r\n$x\r\nab\r\n"s}) {
    EXPECT_EQ(foreign("ERR abcdefgh", {sent}), "ERR abcdefgh");
  }
}

TEST(Refusal, IsTheFirstWordAndWhatItMeans) {
  EXPECT_EQ(refusal("NOAUTH Authentication required."),
            "NOAUTH: the server wants a password; put it into LOCATION or OPTIONS");
  EXPECT_EQ(refusal("ERR max number of clients reached"), "ERR: max number of clients reached");
  EXPECT_EQ(refusal("BUSYGROUP what pa55w0rd"), "BUSYGROUP");
  EXPECT_EQ(refusal("pa55w0rd"), "an error");
  EXPECT_EQ(refusal(""), "an error");
}

TEST(Unavailable, IsWhatPassesByItself) {
  for (const std::string text :
       {"LOADING Redis is loading", "MISCONF Redis is", "NOREPLICAS Not enough", "MASTERDOWN Link",
        "BUSY Redis is busy", "CLUSTERDOWN The cluster", "TRYAGAIN Multiple", "BUSY"}) {
    EXPECT_TRUE(says_unavailable(text)) << text;
  }
  for (const std::string text : {"BUSYGROUP x", "BUSYKEY x", "ERR LOADING", "OOM x", ""}) {
    EXPECT_FALSE(says_unavailable(text)) << text;
  }
}

TEST(Hint, IsGivenAtTheWrongKindOfServerOnly) {
  for (const std::string text :
       {"MOVED 12182 127.0.0.1:7001", "ASK 1 127.0.0.1:7001", "CROSSSLOT Keys in request",
        "CLUSTERDOWN Hash slot not served", "TRYAGAIN Multiple keys"}) {
    EXPECT_NE(hint(text).find("cluster"), std::string::npos) << text;
  }
  EXPECT_NE(hint("ERR unknown command 'GET'").find("Sentinel"), std::string::npos);
  EXPECT_EQ(hint("WRONGTYPE x"), "");
  EXPECT_EQ(hint("ERR syntax error"), "");
}

}  // namespace
}  // namespace djcache::text
