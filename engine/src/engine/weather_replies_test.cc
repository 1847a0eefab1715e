// Failures on a working connection: invalid replies, refusals, loss in the middle.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class BadReplies : public EngineTest {
 protected:
  // The result of a get whose reply is `reply`.
  Result<std::optional<Value>> get_answered_with(std::string_view reply,
                                                 CacheSettings settings = {}) {
    return wait_for(scripted(after_handshake().expect_any_command("GET").send(reply).hold(),
                             std::move(settings)))
        .get("a");
  }
};

TEST_F(BadReplies, ThatAreNotRespAreAProtocolError) {
  for (const char* reply :
       {"hello\r\n", "$x\r\n", "*2\r\n$-5\r\n", ":12x\r\n", "$5\r\nabcdefgh", "\0\0\0\0"}) {
    const auto broken = get_answered_with(reply[0] ? reply : "\0\0\r\n"s);
    EXPECT_EQ(broken, Errc::protocol_error) << reply;
    EXPECT_THAT(detail_of(broken), HasSubstr("not RESP"));
    EXPECT_EQ(statistics().protocol_errors, 1u);
    run_until([&] { return engine().pools().at(0).info().connections == 0; });
  }
}

TEST_F(BadReplies, WithAHostileHeaderCostNoMemory) {
  for (const char* reply :
       {"*1000000000\r\n", "*-2\r\n", "*99999999999999999999\r\n", "$99999999999999999999\r\n"}) {
    EXPECT_EQ(get_answered_with(reply), Errc::protocol_error) << reply;
  }
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "*1\r\n";
  EXPECT_EQ(get_answered_with(nested), Errc::protocol_error);
}

TEST_F(BadReplies, OfAnotherTypeThanAskedForAreAProtocolError) {
  for (const char* reply : {":1\r\n", "+OK\r\n", "*0\r\n", "*1\r\n$1\r\nx\r\n"}) {
    EXPECT_EQ(get_answered_with(reply), Errc::protocol_error) << reply;
  }
}

TEST_F(BadReplies, NobodyAskedForEndTheConnection) {
  Verbs cached = wait_for(scripted(
      after_handshake().expect_any_command("GET").send("$-1\r\n$5\r\nwrong\r\n").expect_close()));
  EXPECT_EQ(cached.get("a"), miss);
  run_until([&] { return statistics().protocol_errors == 1; });
  run_until([&] { return engine().pools().at(0).info().connections == 0; });
  EXPECT_THAT(events_.back().reason, HasSubstr("a reply nobody asked for"));
  EXPECT_EQ(cached.get("b"), miss);  // over a new connection, and not "wrong"
}

TEST_F(BadReplies, InPiecesAreWhole) {
  Cache cached = scripted(after_handshake()
                              .expect_any_command("GET")
                              .send_slowly("$6\r\n\xa5hello\r\n")
                              .expect_any_command("MGET")
                              .send_slowly("*2\r\n$1\r\n1\r\n$-1\r\n")
                              .expect_any_command("SET")
                              .send_slowly("-OOM no\r\n")
                              .hold(),
                          {.options = {.serializer = Serializer::msgpack}});
  Verbs slow = wait_for(cached);
  EXPECT_EQ(slow.get("a"), "hello");
  EXPECT_EQ(slow.get_many({"a", "b"}), (Found{{"a", 1}}));
  EXPECT_EQ(slow.set("a", 1), Errc::out_of_memory);
}

TEST_F(BadReplies, AnErrorReplyCarriesTheServersWords) {
  const auto refused = get_answered_with("-ERR something new\r\n");
  EXPECT_EQ(refused, Errc::server_error);
  EXPECT_THAT(detail_of(refused), AllOf(HasSubstr("ERR something new"), HasSubstr("127.0.0.1:")));
}

TEST_F(BadReplies, ReadOnlyRenewsTheConnection) {
  harness::ScriptedPeer& fake = peer();
  fake.for_connection(0) = after_handshake()
                               .expect_any_command("SET")
                               .send("-READONLY You can't write against a read only replica.\r\n")
                               .expect_close();
  fake.for_connection(1) = after_handshake().expect_any_command("SET").send("+OK\r\n").hold();
  Verbs cached = verbs({.location = {fake.url()}});
  EXPECT_EQ(cached.set("a", 1), Errc::read_only);
  EXPECT_EQ(cached.set("a", 1), worked);
  EXPECT_TRUE(fake.ok()) << fake.problem();
}

TEST_F(BadReplies, OfAServerWithoutMemory) {
  // The server itself needs more than that: it accepts nothing.
  harness::RedisServer& small =
      own_server({.extra_config = {"maxmemory 1", "maxmemory-policy noeviction"}});
  Verbs cached = verbs({.location = {small.url()}});
  const auto refused = cached.set("a", 1);
  EXPECT_EQ(refused, Errc::out_of_memory);
  EXPECT_THAT(detail_of(refused), HasSubstr("OOM"));
  EXPECT_EQ(cached.set_many({{"a", 1}, {"b", 2}}), Errc::out_of_memory);
  EXPECT_TRUE(cached.get("a").ok());
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(BadReplies, OfAnotherRedisType) {
  Verbs cached = verbs();
  ASSERT_EQ(inspector().command({"RPUSH", ":1:list", "x"}).integer, 1);
  const auto wrong = cached.get("list");
  EXPECT_EQ(wrong, Errc::wrong_type);
  EXPECT_THAT(detail_of(wrong), AllOf(HasSubstr("':1:list'"), HasSubstr("WRONGTYPE")));
  EXPECT_EQ(cached.incr("list"), Errc::wrong_type);
  EXPECT_EQ(cached.get_or_set("list", 1), Errc::wrong_type);
  EXPECT_EQ(cached.has_key("list"), true);
  EXPECT_EQ(cached.add("list", 1), false);
  EXPECT_EQ(cached.touch("list", {.ttl = 50s}), true);
  EXPECT_EQ(cached.delete_("list"), true);
}

TEST_F(BadReplies, LargerThanTheLimitAreReadAndThrownAway) {
  Verbs cached = verbs({.options = {.value_max_bytes = 1000}});
  ASSERT_TRUE(inspector().command({"SET", ":1:big", std::string(3u << 20, 'x')}).is_status("OK"));
  ASSERT_EQ(cached.set("small", 1), worked);
  const auto too_large = cached.get("big");
  EXPECT_EQ(too_large, Errc::value_too_large);
  EXPECT_THAT(detail_of(too_large), AllOf(HasSubstr("':1:big'"), HasSubstr("3145728")));
  EXPECT_EQ(cached.get("small"), 1);
  const auto refused = cached.set("big", std::string(2000, 'x'));
  EXPECT_EQ(refused, Errc::value_too_large);
  EXPECT_THAT(detail_of(refused), HasSubstr("':1:big'"));
  EXPECT_EQ(cached.set("fits", std::string(900, 'x')), worked);
  EXPECT_EQ(cached.get("fits"), std::string(900, 'x'));
  EXPECT_EQ(statistics().connects, 1u);
  EXPECT_EQ(inspector().command({"STRLEN", ":1:big"}).integer, 3 << 20);
}

TEST_F(BadReplies, OfAServerThatRunsOutOfMemoryUnderScripts) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 1), worked);
  ASSERT_EQ(inspector().command({"CONFIG", "SET", "maxmemory", "1"}).text, "OK");
  EXPECT_EQ(cached.incr("n"), Errc::out_of_memory);
  EXPECT_EQ(cached.incr_version("n"), Errc::out_of_memory);
  ASSERT_EQ(inspector().command({"CONFIG", "SET", "maxmemory", "0"}).text, "OK");
  EXPECT_EQ(cached.incr("n"), 2);
}

TEST_F(BadReplies, LargerThanTheLimitAmongManyCostTheirOwnCallerOnly) {
  Verbs cached = verbs({.options = {.value_max_bytes = 1000}});
  ASSERT_TRUE(inspector().command({"SET", ":1:big", std::string(5000, 'x')}).is_status("OK"));
  ASSERT_EQ(cached.set("small", 1), worked);
  const auto many = cached.get_many({"small", "big"});
  EXPECT_EQ(many, Errc::value_too_large);
  EXPECT_THAT(detail_of(many), HasSubstr("5000 bytes, more than value_max_bytes (1000)"));
  EXPECT_EQ(cached.get_many({"small"}), (Found{{"small", 1}}));
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(BadReplies, OfMoreElementsThanAllowedCostTheirOwnCallerOnly) {
  Verbs cached = verbs({.options = {.reply_max_elements = 10}});
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back(std::to_string(i));
  const auto many = cached.get_many(keys);
  EXPECT_EQ(many, Errc::value_too_large);
  EXPECT_THAT(detail_of(many), HasSubstr("20 elements, more than reply_max_elements (10)"));
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(BadReplies, ValuesOfFiveMebibytesWork) {
  Verbs cached = verbs({.options = {.command_limit = 10s}});
  std::string large(5u << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 4096) large[i] = static_cast<char>('a' + i % 26);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(cached.set("large", large), worked);
    const auto got = cached.get("large");
    ASSERT_TRUE(got.ok() && got->has_value());
    EXPECT_TRUE(**got == Value(large));
  }
  const auto many = cached.get_many({"large", "large", "missing"});
  EXPECT_TRUE(many.ok() && many->at("large") == Value(large));
}

}  // namespace
}  // namespace djcache
