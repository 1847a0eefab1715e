#include <djcache/harness/peer_script.h>

#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.h"

namespace djcache::harness {
namespace {

std::vector<std::string> lines(const PeerScript& script) {
  std::vector<std::string> out;
  for (const auto& step : script.steps()) out.push_back(format(step));
  return out;
}

TEST(PeerScript, TextAndBuilderSayTheSame) {
  const auto good = parse_peer_scripts(
      "# every step once\n\nHANDSHAKE NAME AUTH DB 2\nEXPECT +OK\\r\\n\n  EXPECT_COMMAND SET "
      ":1:a\\sb \\x00\r\n"
      "EXPECT_ANY\nEXPECT_ANY GET\nDISCARD 12\nSEND $-1\\r\\n\nSEND_SLOWLY :1\\r\\n\n"
      "SEND_SLOWLY 3:abcdef\nPAUSE\nSTALL\nEXPECT_CLOSE\nHOLD\nCLOSE\nRESET");
  ASSERT_TRUE(good) << good.problem;
  ASSERT_EQ(good.scripts.size(), 1U);
  PeerScript built;
  built.expect_handshake({.name = true, .auth = true, .db = 2}).expect("+OK\r\n");
  built.expect_command({"SET", ":1:a b", std::string(1, '\0')}).expect_any_command();
  built.expect_any_command("GET").discard(12).send("$-1\r\n").send_slowly(":1\r\n");
  built.send_slowly("abcdef", 3).pause().stall().expect_close().hold().close().reset();
  EXPECT_EQ(lines(good.scripts.front()), lines(built));
  EXPECT_EQ(good.scripts.front().steps()[8].count, 3U);
}

TEST(PeerScript, EachConnectionHasItsOwn) {
  const auto parsed = parse_peer_scripts("SEND a\nCONNECTION\nSEND b\nCONNECTION\nSEND c\n");
  ASSERT_EQ(parsed.scripts.size(), 3U);
  EXPECT_EQ(lines(parsed.scripts[2]), std::vector<std::string>{"SEND c"});
  EXPECT_EQ(parse_peer_scripts("CONNECTION\nSEND a").scripts.size(), 1U);
}

TEST(PeerScript, WhatIsWrongIsSaidWithItsLine) {
  EXPECT_EQ(parse_peer_scripts("SEND a\n\nSING b\n").problem, "line 3: unknown step 'SING'");
  EXPECT_EQ(parse_peer_scripts("SEND a\\q").problem, "line 1: SEND: not an escape: '\\q'");
  EXPECT_EQ(parse_peer_scripts("CLOSE now").problem, "line 1: CLOSE: takes no argument");
  EXPECT_EQ(parse_peer_scripts("DISCARD many").problem, "line 1: DISCARD: needs a number of bytes");
  EXPECT_EQ(parse_peer_scripts("HANDSHAKE DB x").problem,
            "line 1: HANDSHAKE: takes NAME, AUTH and DB n");
  EXPECT_EQ(parse_peer_scripts("SEND").problem, "line 1: SEND: needs bytes");
  EXPECT_EQ(parse_peer_scripts("SEND_SLOWLY 0:a").problem, "line 1: SEND_SLOWLY: needs [n:]bytes");
  EXPECT_EQ(parse_peer_scripts("EXPECT_COMMAND").problem, "line 1: EXPECT_COMMAND: needs words");
  EXPECT_EQ(parse_peer_scripts("EXPECT_ANY A B").problem,
            "line 1: EXPECT_ANY: takes one word at most");
  EXPECT_EQ(parse_peer_scripts("# nothing\n").problem, "there is no step in the script");
}

TEST(PeerScript, AFileIsNamedInItsProblem) {
  auto folder = TemporaryFolder::make("djcache-test-");
  ASSERT_TRUE(folder) << folder.problem;
  const std::string path = *folder.value / "a.wire";
  EXPECT_EQ(load_peer_scripts(path).problem, "cannot read " + path + ": No such file or directory");
  std::ofstream(path) << "SEND +OK\\r\\n\nSING\n";
  EXPECT_EQ(load_peer_scripts(path).problem, path + ", line 2: unknown step 'SING'");
  std::ofstream(path) << "SEND +OK\\r\\n\n";
  EXPECT_EQ(load_peer_scripts(path).scripts.size(), 1U);
}

}  // namespace
}  // namespace djcache::harness
