// Readings: how each type of reply is read, and the meaning of errors.
#include "redis/reading.h"

#include <gtest/gtest.h>

#include "redis/test_rig.h"

namespace djcache::redis::test {
namespace {

// Sends `bytes` as one operation with a reading, and lets the server answer; returns how it ended.
std::string end_of(const Reading& reading, std::string_view said, Errc* code = nullptr,
                   const std::string& bytes = command({"CMD", "the:key"})) {
  Rig rig;
  link::Connection& connection = rig.pools[0]->route("");
  rig.pools[0]->prepare(connection);
  std::memcpy(connection.out().reserve(bytes.size()), bytes.data(), bytes.size());
  connection.out().commit(bytes.size());
  link::Slot slot;
  slot.call = rig.call("", 3);
  slot.bytes = static_cast<std::uint32_t>(bytes.size());
  slot.limit_ms = 500;
  slot.handler = &reading;
  rig.pools[0]->submit(connection, slot);
  EXPECT_EQ(rig.sent(), bytes);
  rig.answer(said);
  if (rig.ended.size() != 1) return "ended " + std::to_string(rig.ended.size()) + " times";
  if (code != nullptr) *code = rig.code;
  return rig.ended[0].substr(1);
}

constexpr const char* unexpected = "error: there:6379/0: a reply of an unexpected type or size";

TEST(Readings, ReadEveryReplyTypeOrRefuseIt) {
  struct Row {
    const Reading* reading;
    // +OK, :0, :3, $1 v, nil, [v, nil, :1]
    const char* ends[6];
  };
  const char* x = unexpected;
  const char* missing = "error: Key 'the:key' not found";
  const Row rows[] = {
      {&bytes_or_nil, {x, x, x, "yes 'v'", "no", x}},
      {&done, {"yes", "no", "yes 3", x, x, x}},
      {&stored_or_nil, {"yes", x, x, x, "no", x}},
      {&flag, {x, "no", "yes 3", x, x, x}},
      {&absent, {x, "yes", "no 3", x, x, x}},
      {&many, {x, x, x, x, x, "no [v, _, _]"}},
      {&transaction, {x, x, x, x, "error: the transaction was aborted by the server", "no"}},
      {&script_integer, {x, "no", "yes 3", x, missing, x}},
      {&script_flag, {x, "no", "yes 3", x, x, x}},
  };
  const char* said[] = {"+OK\r\n",     ":0\r\n",  ":3\r\n",
                        "$1\r\nv\r\n", "$-1\r\n", "*3\r\n$1\r\nv\r\n$-1\r\n:1\r\n"};
  for (const Row& row : rows) {
    const bool script = row.reading == &script_integer || row.reading == &script_flag;
    for (std::size_t i = 0; i < std::size(said); ++i) {
      SCOPED_TRACE("row " + std::to_string(&row - rows) + ", said " + said[i]);
      Errc code{};
      EXPECT_EQ(end_of(*row.reading, said[i], &code,
                       script                 ? command({"EVAL", "text", "1", "the:key", "1"})
                       : row.reading == &many ? command({"CMD", "the:key", "second", "third"})
                                              : command({"CMD", "the:key"})),
                row.ends[i]);
      if (row.ends[i] == x) {
        EXPECT_EQ(code, Errc::protocol_error);
      }
      if (row.ends[i] == missing) {
        EXPECT_EQ(code, Errc::key_not_found);
      }
    }
  }
}

TEST(Readings, ALargeValueCanBeMovedOut) {
  Rig rig;
  rig.backend->ask({.verb = Verb::get, .key = key("k")}, rig.call());
  (void)rig.sent();
  EXPECT_EQ(rig.pools[0]->config().connection.caps.bulk_bytes, 1000u);
  rig.answer("$5\r\nhe");
  rig.answer("llo\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{"a yes 'hello'"});
}

TEST(Readings, AnOversizedValueNamesItsKeyAndTheLimit) {
  Errc code{};
  EXPECT_EQ(end_of(bytes_or_nil, bulk(std::string(1001, 'x')), &code),
            "error: Key 'the:key': the value has 1001 bytes, more than value_max_bytes (1000) "
            "allows");
  EXPECT_EQ(code, Errc::value_too_large);
}

TEST(Readings, AnArrayOfAnotherSizeThanAskedForIsRefused) {
  EXPECT_EQ(end_of(many, "*0\r\n"), unexpected);
  EXPECT_EQ(end_of(many, "*2\r\n$1\r\nv\r\n$1\r\nw\r\n"), unexpected);
}

TEST(Readings, AnIncrementedValueIsReadExactly) {
  Errc code{};
  const std::string incr = command({"EVAL", "text", "1", "the:key", "1"});
  EXPECT_EQ(end_of(script_integer, "$19\r\n9223372036854775807\r\n", &code, incr),
            "no 9223372036854775807");
  EXPECT_EQ(end_of(script_integer, "$2\r\n-7\r\n", &code, incr), "no -7");
}

TEST(Readings, AnErrorInsideATransactionIsItsError) {
  Errc code{};
  EXPECT_EQ(end_of(transaction, "*2\r\n+OK\r\n-OOM no room\r\n", &code),
            "error: there:6379/0: OOM no room");
  EXPECT_EQ(code, Errc::out_of_memory);
  EXPECT_EQ(end_of(transaction, "*1\r\n-WRONGTYPE no\r\n", &code,
                   command({"MULTI"}) + command({"SET", "k", "v"}) + command({"EXEC"})),
            "error: there:6379/0: WRONGTYPE no");
}

TEST(Readings, EachErrorOfAServerIsClassified) {
  const std::pair<std::string_view, Errc> cases[] = {
      {"WRONGTYPE Operation against a key holding the wrong kind of value", Errc::wrong_type},
      {"LOADING Redis is loading the dataset in memory", Errc::unavailable},
      {"READONLY You can't write against a read only replica.", Errc::read_only},
      {"OOM command not allowed when used memory > 'maxmemory'.", Errc::out_of_memory},
      {"NOPERM this user has no permissions", Errc::permission_denied},
      {"ERR ACL failure in script: User t has no permissions to run the 'incrby' command",
       Errc::permission_denied},
      {"ERR The user executing the script can't run this command or subcommand",
       Errc::permission_denied},
      {"MISCONF Redis is configured to save RDB snapshots", Errc::unavailable},
      {"EXECABORT Transaction discarded because of: NOREPLICAS Not enough", Errc::unavailable},
      {"EXECABORT Transaction discarded because of previous errors.", Errc::server_error},
      {"NOAUTH Authentication required.", Errc::auth_failed},
      {"WRONGPASS invalid username-password pair", Errc::auth_failed},
      {"ERR value is not an integer or out of range", Errc::not_an_integer},
      {"ERR increment or decrement would overflow", Errc::integer_overflow},
      {"ERR unknown command 'FOO'", Errc::server_error},
      {"NOSCRIPT No matching script. Please use EVAL.", Errc::server_error},
      {"", Errc::server_error},
  };
  for (const auto& [text, code] : cases) EXPECT_EQ(classify(text), code) << text;
}

TEST(Readings, ErrorsAboutAKeyQuoteIt) {
  Errc code{};
  EXPECT_EQ(end_of(bytes_or_nil, "-WRONGTYPE Operation against\r\n", &code),
            "error: Key 'the:key': WRONGTYPE Operation against");
  EXPECT_EQ(code, Errc::wrong_type);
  EXPECT_EQ(end_of(script_integer, "-ERR value is not an integer or out of range\r\n", &code,
                   command({"EVAL", "text", "1", "a\r\n$9", "1"})),
            R"(error: Key 'a\r\n$9')"
            ": ERR value is not an integer or out of range");
  EXPECT_EQ(code, Errc::not_an_integer);
  EXPECT_EQ(end_of(script_integer, "-ERR increment or decrement would overflow\r\n", &code,
                   command({"EVAL", "text", "1", "k", "1"})),
            "error: Key 'k': ERR increment or decrement would overflow");
  EXPECT_EQ(code, Errc::integer_overflow);
  EXPECT_EQ(end_of(done, "-OOM command not allowed\r\n"),
            "error: there:6379/0: OOM command not allowed");
}

TEST(Readings, RawCommandsNameNoKey) {
  Errc code{};
  for (const Reading* reading : {&raw, &exec}) {
    EXPECT_EQ(end_of(*reading, "-WRONGTYPE Operation against\r\n", &code,
                     command({"EVAL", "return redis.call('GET','x')", "0"})),
              "error: there:6379/0: WRONGTYPE Operation against");
    EXPECT_EQ(code, Errc::wrong_type);
  }
  EXPECT_EQ(
      end_of(raw, bulk(std::string(1001, 'x')), &code, command({"BITOP", "AND"})),
      "error: there:6379/0: the value has 1001 bytes, more than value_max_bytes (1000) allows");
}

TEST(Readings, TheWrongKindOfServerIsNamed) {
  EXPECT_EQ(
      end_of(bytes_or_nil, "-ERR unknown command 'GET', with args beginning with: 'a'\r\n"),
      "error: there:6379/0: ERR unknown command 'GET'; it knows no such command: renamed in its "
      "configuration, or the port of a Sentinel, where LOCATION must name the server that it "
      "watches");
  EXPECT_NE(end_of(done, "-MOVED 1 127.0.0.1:7001\r\n").find("a node of a cluster"),
            std::string::npos);
  EXPECT_EQ(end_of(raw, "-ERR unknown command 'FOO', with args beginning with: 'a'\r\n"),
            "error: there:6379/0: ERR unknown command 'FOO'");
}

TEST(Readings, ACommandWithoutAKeyQuotesNone) {
  for (const std::string& bytes :
       {std::string("*1\r\n$7\r\nFLUSHDB\r\n"), std::string("x"),
        std::string("*2\r\n$999\r\nab\r\n"), std::string("*2\r\n$x\r\nab\r\n")}) {
    EXPECT_EQ(end_of(done, "-WRONGTYPE no\r\n", nullptr, bytes), "error: Key '': WRONGTYPE no");
  }
}

TEST(Readings, AFailureOfTheConnectionIsPassedOn) {
  Rig rig;
  rig.backend->ask({.verb = Verb::get, .key = key("k")}, rig.call());
  link::Connection& connection = rig.pools[0]->route("k");
  connection.on_turn(1000);
  connection.on_connect_failed(1000, "connection refused");
  rig.say(connection, "");
  EXPECT_EQ(rig.take_ended(), Lines{"a error: there:6379/0: connection refused"});
  EXPECT_EQ(rig.code, Errc::connect_failed);
}

TEST(Readings, ARefusedTransactionCarriesTheServersOwnWords) {
  Rig rig;
  const StoredEntry entries[] = {{key("a"), "A"}};
  rig.backend->ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = seconds(60)},
                        rig.call());
  (void)rig.sent();
  rig.answer("+OK\r\n-OOM command not allowed\r\n-EXECABORT Transaction discarded\r\n");
  EXPECT_EQ(rig.take_ended(), Lines{"a error: there:6379/0: OOM command not allowed"});
  EXPECT_EQ(rig.code, Errc::out_of_memory);
}

TEST(Readings, MadeKeysAreReadBackFromTheCommand) {
  struct Asker final : Call {
    void finish(const Outcome& outcome) override {
      for (std::size_t i = 0; i < 4; ++i) {
        keys->push_back(outcome.made_key(outcome.context, i));
      }
      release();
    }
    void give_up(const Error&) override {}
    Lines* keys = nullptr;
  };
  Rig rig;
  Lines keys;
  auto* asker = rig.calls.make<Asker>();
  asker->keys = &keys;
  const Key asked[] = {key("a"), key("b\r\n"), key(std::string_view("\0", 1))};
  rig.backend->ask_many({.verb = ManyVerb::get, .keys = asked}, asker);
  (void)rig.sent();
  rig.answer("*3\r\n$-1\r\n$-1\r\n$-1\r\n");
  EXPECT_EQ(keys, (Lines{"a", "b\r\n", std::string("\0", 1), ""}));
}

}  // namespace
}  // namespace djcache::redis::test
