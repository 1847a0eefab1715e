// The bytes on the server when OPTIONS choose json, a compressor, fallbacks or signatures; and all
// verbs still work.
#include "built.h"
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

const std::string key_a = "S3cret key number one", key_b = "S3cret key number two";

class StoredLayers : public EngineTest {
 protected:
  std::string raw(const std::string& key) { return inspector().raw(key).value_or("(nothing)"); }
  void store(std::string_view bytes) {
    ASSERT_TRUE(inspector().command({"SET", ":1:a", std::string(bytes)}).is_status("OK"));
  }
};

TEST_F(StoredLayers, OfJsonAreWhatPythonWrites) {
  Verbs cached = verbs({.options = {.serializer = Serializer::json}});
  ASSERT_EQ(cached.set("a", Value::dict({{"n", Value::list({1, 2.5, Value()})}})), worked);
  EXPECT_EQ(raw(":1:a"), R"({"n": [1, 2.5, null]})");
  EXPECT_EQ(cached.get("a"), Value::dict({{"n", Value::list({1, 2.5, Value()})}}));
  EXPECT_EQ(cached.set("a", Value::bytes("x")), Errc::encode_failed);
  EXPECT_EQ(cached.set("n", 1), worked);
  EXPECT_EQ(cached.incr("n"), 2);
}

TEST_F(StoredLayers, CompressedAreReadByEveryVerb) {
  if (!missing_option(Compressor::zlib).empty()) GTEST_SKIP() << "built without zlib";
  Verbs cached = verbs({.options = {.compressor = Compressor::zlib}});
  const std::string text(1000, 'x');
  ASSERT_EQ(cached.set("a", text), worked);
  EXPECT_LT(raw(":1:a").size(), 50u);
  EXPECT_EQ(cached.get("a"), Value(text));
  const auto many = cached.get_many({"a", "b"});
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(many->size(), 1u);
  EXPECT_EQ(cached.get_or_set("b", text), Value(text));
  EXPECT_EQ(cached.get_or_set("b", "other"), Value(text));
  EXPECT_EQ(cached.set_many({{"c", text}, {"d", 7}}), std::vector<std::string>{});
  EXPECT_EQ(cached.get("c"), Value(text));
  EXPECT_EQ(cached.incr("d"), 8);
}

TEST_F(StoredLayers, OfAnotherSerializerAreReadByAFallback) {
  Verbs writer = verbs({.options = {.serializer = Serializer::msgpack}});
  Verbs reader = verbs(
      {.options = {.serializer = Serializer::json, .serializer_fallbacks = {Serializer::msgpack}}});
  ASSERT_EQ(writer.set("a", Value::tuple({1, "x"})), worked);
  EXPECT_EQ(reader.get("a"), Value::tuple({1, "x"}));
  store("\x91");
  const auto failed = reader.get("a");
  EXPECT_EQ(failed, Errc::decode_failed);
  EXPECT_THAT(detail_of(failed), AllOf(HasSubstr("':1:a'"), HasSubstr("json: not UTF-8"),
                                       HasSubstr("msgpack: list of 1")));
}

TEST_F(StoredLayers, OfAnotherSigningKeyAreRefusedAndTheErrorNamesTheEntryAndNoSecret) {
  if (!signing_built) GTEST_SKIP() << "built without signatures";
  Verbs ours = verbs({.options = {.signing_keys = {key_a}}});
  Verbs theirs = verbs({.options = {.signing_keys = {key_b}}});
  Verbs rotated = verbs({.options = {.signing_keys = {key_b, key_a}}});
  ASSERT_EQ(ours.set("a", "text"), worked);
  EXPECT_EQ(ours.get("a"), "text");
  EXPECT_EQ(rotated.get("a"), "text");
  const auto refused = theirs.get("a");
  EXPECT_EQ(refused, Errc::decode_failed);
  EXPECT_THAT(detail_of(refused), AllOf(HasSubstr("':1:a'"), HasSubstr("signature is wrong"),
                                        Not(HasSubstr("S3cret"))));
  store("\xa4text");
  EXPECT_THAT(detail_of(ours.get("a")), HasSubstr("the entry has no signature"));
  EXPECT_EQ(ours.get_or_set("a", "other"), Errc::decode_failed);
  EXPECT_EQ(raw(":1:a"), "\xa4text");
}

TEST_F(StoredLayers, SignedEntriesMoveWithIncrVersion) {
  if (!signing_built) GTEST_SKIP() << "built without signatures";
  Verbs cached = verbs({.options = {.signing_keys = {key_a}}});
  ASSERT_EQ(cached.set("a", "text"), worked);
  EXPECT_EQ(cached.incr_version("a"), 2);
  EXPECT_EQ(cached.get("a", {.version = 2}), "text");
}

TEST_F(StoredLayers, SignedCountersCannotBeIncremented) {
  if (!signing_built) GTEST_SKIP() << "built without signatures";
  Verbs plain = verbs({.options = {.signing_keys = {key_a}}});
  Verbs strict = verbs({.options = {.signing_keys = {key_a}, .sign_integers = true}});
  ASSERT_EQ(plain.set("a", 1), worked);
  EXPECT_EQ(plain.incr("a"), 2);
  EXPECT_EQ(strict.get("a"), Errc::decode_failed);
  ASSERT_EQ(strict.set("a", 1), worked);
  EXPECT_EQ(strict.get("a"), 1);
  EXPECT_EQ(strict.incr("a"), Errc::not_an_integer);
  EXPECT_EQ(strict.get("a"), 1);
}

TEST_F(StoredLayers, AreNoReasonForAConnectionOfTheirOwn) {
  Settings settings;
  const std::vector<std::string> location{server().url(1)};
  settings.caches["default"] = {.location = location};
  settings.caches["json"] = {.location = location, .options = {.serializer = Serializer::json}};
  if (signing_built) {
    settings.caches["signed"] = {.location = location, .options = {.signing_keys = {key_a}}};
  }
  Engine& shared = start(std::move(settings));
  for (const char* alias : {"default", "json"}) {
    EXPECT_EQ(wait_for(shared.cache(alias)).set("a", 1), worked);
  }
  EXPECT_EQ(shared.pools().size(), 1u);
}

}  // namespace
}  // namespace djcache
