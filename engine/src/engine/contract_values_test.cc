// Django's contract: the bytes on the server, and how foreign bytes are read.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class StoredBytes : public EngineTest {
 protected:
  std::string stored(Verbs& cached, const Value& value) {
    EXPECT_EQ(cached.set("a", value), worked) << to_string(value);
    return inspector().raw(":1:a").value_or("(nothing)");
  }
  void store(std::string_view bytes) {
    ASSERT_TRUE(inspector().command({"SET", ":1:a", std::string(bytes)}).is_status("OK"));
  }
};

TEST_F(StoredBytes, IntegersAreDecimalText) {
  Verbs cached = verbs();
  EXPECT_EQ(stored(cached, 0), "0");
  EXPECT_EQ(stored(cached, -7), "-7");
  EXPECT_EQ(stored(cached, INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(stored(cached, UINT64_MAX), "18446744073709551615");
  const std::string huge(1000, '9');
  EXPECT_EQ(stored(cached, *Value::integer(huge)), huge);
  EXPECT_EQ(cached.get("a"), *Value::integer(huge));
}

TEST_F(StoredBytes, EverythingElseIsPickled) {
  Verbs cached = verbs();
  EXPECT_EQ(stored(cached, Value()), "\x80\x05N.");
  EXPECT_EQ(stored(cached, true), "\x80\x05\x88.");
  EXPECT_EQ(stored(cached, "42"), "\x80\x05\x95\x06\0\0\0\0\0\0\0\x8c\x02\x34\x32\x94."s);
  EXPECT_EQ(stored(cached, Value::list({1})), "\x80\x05\x95\x06\0\0\0\0\0\0\0]\x94K\x01\x61."s);
}

TEST_F(StoredBytes, OfMsgpackAreMsgpack) {
  Verbs cached = verbs({.options = {.serializer = Serializer::msgpack}});
  EXPECT_EQ(stored(cached, Value()), "\xc0");
  EXPECT_EQ(stored(cached, true), "\xc3");
  EXPECT_EQ(stored(cached, "42"), "\xa2\x34\x32");
  EXPECT_EQ(stored(cached, Value::bytes("ab")), "\xc4\x02\x61\x62"s);
  EXPECT_EQ(stored(cached, 1.0), "\xcb\x3f\xf0\0\0\0\0\0\0"s);
  EXPECT_EQ(stored(cached, Value::list({1})), "\x91\x01");
}

TEST_F(StoredBytes, DecimalTextIsReadAsPythonsInt) {
  Verbs cached = verbs();
  for (const char* text : {"42", " 42 ", "+42", "0042", "4_2"}) {
    store(text);
    EXPECT_EQ(cached.get("a"), 42) << text;
  }
  store("123456789012345678901234567890");
  EXPECT_EQ(cached.get("a"), *Value::integer("123456789012345678901234567890"));
}

TEST_F(StoredBytes, ThatAreNeitherAreAnErrorThatNamesTheMadeKey) {
  Verbs cached = verbs({.key_prefix = "site"});
  ASSERT_TRUE(inspector().command({"SET", "site:1:a", "\x80\x05\x95 pickled"}).is_status("OK"));
  const auto failed = cached.get("a");
  EXPECT_EQ(failed, Errc::decode_failed);
  EXPECT_THAT(detail_of(failed), HasSubstr("'site:1:a'"));
  ASSERT_EQ(cached.set("b", 1), worked);
  const auto failed_many = cached.get_many({"b", "a"});
  ASSERT_TRUE(failed_many.ok());
  EXPECT_EQ(failed_many->at("b"), Value(1));
  ASSERT_EQ(failed_many->errors().size(), 1u);
  EXPECT_EQ(failed_many->errors()[0].first, "a");
  EXPECT_EQ(failed_many->errors()[0].second.code, Errc::decode_failed);
  EXPECT_THAT(failed_many->errors()[0].second.detail, HasSubstr("'site:1:a'"));
  EXPECT_EQ(inspector().raw("site:1:a"), "\x80\x05\x95 pickled");
  EXPECT_EQ(cached.get("b"), 1);
}

TEST_F(StoredBytes, OfTheRawSerializerAreTheCallersOwn) {
  Verbs cached = verbs({.options = {.serializer = Serializer::raw}});
  EXPECT_EQ(stored(cached, Value::bytes("\0\r\n\xff"s)), "\0\r\n\xff"s);
  EXPECT_EQ(stored(cached, "text"), "text");
  EXPECT_EQ(stored(cached, ""), "");
  EXPECT_EQ(cached.get("a"), Value::bytes(""));
  store("42");
  EXPECT_EQ(cached.get("a"), Value::bytes("42"));
  EXPECT_EQ(cached.incr("a"), 43);
  EXPECT_EQ(cached.set("a", 1.5), Errc::encode_failed);
  EXPECT_EQ(cached.get("a"), Value::bytes("43"));
}

TEST_F(StoredBytes, SurviveEverySizeAroundTheBuffersOfTheConnection) {
  Verbs cached = verbs();
  for (const int size :
       {0, 39, 40, 41, 4095, 4096, 16383, 16384, 16385, 65535, 65536, 65537, 262144}) {
    std::string text(static_cast<std::size_t>(size), 'x');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
    ASSERT_EQ(cached.set("a", text), worked) << size;
    ASSERT_EQ(cached.get("a"), Value(text)) << size;
  }
}

class KeyWarningsTest : public EngineTest {};

TEST_F(KeyWarningsTest, AreDjangosTextsAndNoErrors) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.set("a b", 1), worked);
  EXPECT_EQ(cached.get("a b"), 1);
  const std::string text =
      "Cache key contains characters that will cause errors if used with memcached: ':1:a b'";
  EXPECT_EQ(warnings_, (std::vector<std::string>{text, text}));
  EXPECT_EQ(warned_aliases_, (std::vector<std::string>{"default", "default"}));
}

TEST_F(KeyWarningsTest, CountCodePointsOfTheMadeKey) {
  Verbs cached = verbs();
  std::string umlauts;
  for (int i = 0; i < 247; ++i) umlauts += "\u00fc";
  EXPECT_EQ(cached.set(umlauts, 1), worked);  // ":1:" and 247 are 250
  EXPECT_TRUE(warnings_.empty());
  umlauts += "\u00fc";
  EXPECT_EQ(cached.set(umlauts, 1), worked);
  EXPECT_EQ(warnings_,
            (std::vector<std::string>{"Cache key will cause errors if used with memcached: ':1:" +
                                      umlauts + "' (longer than 250)"}));
}

TEST_F(KeyWarningsTest, ComeFromEveryVerbAndForEachKeyOfTheManyForms) {
  Verbs cached = verbs();
  const auto warned = [&] { return std::exchange(warnings_, {}).size(); };
  (void)cached.get("k k");
  EXPECT_EQ(warned(), 1u) << "get";
  (void)cached.set("k k", 1);
  EXPECT_EQ(warned(), 1u) << "set";
  (void)cached.add("k k", 1);
  EXPECT_EQ(warned(), 1u) << "add";
  (void)cached.touch("k k");
  EXPECT_EQ(warned(), 1u) << "touch";
  (void)cached.has_key("k k");
  EXPECT_EQ(warned(), 1u) << "has_key";
  (void)cached.incr("k k");
  EXPECT_EQ(warned(), 1u) << "incr";
  (void)cached.decr("k k");
  EXPECT_EQ(warned(), 1u) << "decr";
  (void)cached.incr_version("k k");
  EXPECT_GE(warned(), 1u) << "incr_version";
  (void)cached.get_or_set("k k", 1);
  EXPECT_GE(warned(), 1u) << "get_or_set";
  (void)cached.delete_("k k");
  EXPECT_EQ(warned(), 1u) << "delete";
  (void)cached.get_many({"k k", "fine", "l l"});
  EXPECT_EQ(warned(), 2u) << "get_many";
  (void)cached.set_many({{"k k", 1}, {"l l", 2}, {"fine", 3}});
  EXPECT_EQ(warned(), 2u) << "set_many";
  (void)cached.delete_many({"k k", "l l", "fine"});
  EXPECT_EQ(warned(), 2u) << "delete_many";
  (void)cached.clear();
  EXPECT_EQ(warned(), 0u) << "clear";
}

TEST_F(KeyWarningsTest, NobodyListeningIsNoError) {
  Settings settings{.caches = {{"default", {.location = {server().url()}}}}};
  settings.on_warning = [](std::string_view, std::string_view) {};
  start(settings);
  EXPECT_EQ(wait_for(engine().cache()).set(" ", 1), worked);
}

class HostileKeys : public EngineTest {};

TEST_F(HostileKeys, WithLineEndsAndNulAreOnlyBytes) {
  Verbs cached = verbs();
  for (const std::string& key :
       {"\r\n"s, "\0"s, ""s, "a\r\n$1\r\nb\r\nDEL x\r\n"s, "*1\r\n"s, "\xff\xfe"s}) {
    ASSERT_EQ(cached.set(key, key.empty() ? "empty" : "value"), worked);
    EXPECT_EQ(cached.get(key), key.empty() ? "empty" : "value");
    EXPECT_EQ(inspector().type(":1:" + key), "string");
    EXPECT_EQ(cached.incr(key), Errc::not_an_integer);
    EXPECT_EQ(cached.get_many({key}).value().size(), 1u);
    EXPECT_EQ(cached.delete_(key), true);
    EXPECT_EQ(cached.incr(key), Errc::key_not_found);
  }
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(HostileKeys, OfOneMebibyteWork) {
  Verbs cached = verbs();
  const std::string key(1u << 20, 'k');
  ASSERT_EQ(cached.set(key, 1), worked);
  EXPECT_EQ(cached.get(key), 1);
  EXPECT_EQ(cached.incr(key), 2);
  EXPECT_EQ(cached.incr_version(key), 2);
  EXPECT_EQ(cached.get_many({key}, {.version = 2}), (Found{{key, 2}}));
  EXPECT_EQ(cached.delete_many({key}, {.version = 2}), worked);
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_EQ(cached.incr(key), Errc::key_not_found);
}

}  // namespace
}  // namespace djcache
