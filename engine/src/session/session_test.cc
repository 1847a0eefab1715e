// The session as a dict, its flags and its user, in comparison with Django's SessionBase.
#include <djcache/session_data.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace djcache {
namespace {

TEST(Session, WithoutAKeyIsLoadedAndEmpty) {
  const Session session;
  EXPECT_TRUE(session.loaded());
  EXPECT_TRUE(session.is_empty());
  EXPECT_FALSE(session.modified());
}

TEST(Session, WithAKeyIsNeitherLoadedNorEmpty) {
  const Session session({}, "0123456789");
  EXPECT_FALSE(session.loaded());
  EXPECT_FALSE(session.is_empty());
  EXPECT_EQ(session.session_key(), "0123456789");
}

TEST(Session, IgnoresAKeyOfSevenCharacters) {
  EXPECT_EQ(Session({}, "1234567").session_key(), std::nullopt);
  EXPECT_EQ(Session({}, "").session_key(), std::nullopt);
}

TEST(Session, IgnoresAKeyOfAnotherAlphabetUnlessAllowed) {
  EXPECT_EQ(Session({}, "ABCDEFGHIJ").session_key(), std::nullopt);
  EXPECT_EQ(Session({.more_key_characters = "ABCDEFGHIJ"}, "ABCDEFGHIJ").session_key(),
            "ABCDEFGHIJ");
}

TEST(Session, ReadingMarksItAccessedAndNothingElse) {
  const Session session;
  EXPECT_FALSE(session.accessed());
  EXPECT_EQ(session.get("cart"), nullptr);
  EXPECT_TRUE(session.accessed());
  EXPECT_FALSE(session.modified());
}

TEST(Session, GetGivesTheFallbackOnlyWhenTheNameIsAbsent) {
  Session session;
  session.set("none", Value());
  EXPECT_EQ(session.get("none", "other"), Value());
  EXPECT_EQ(session.get("absent", "other"), Value("other"));
}

TEST(Session, SetMarksItModified) {
  Session session;
  session.set("cart", Value::list({1, 2}));
  EXPECT_TRUE(session.modified());
  EXPECT_TRUE(session.contains("cart"));
  EXPECT_EQ(*session.get("cart"), Value::list({1, 2}));
}

TEST(Session, PopOfAnAbsentNameModifiesNothing) {
  Session session;
  EXPECT_EQ(session.pop("cart"), std::nullopt);
  EXPECT_FALSE(session.modified());
}

TEST(Session, PopTakesTheItemOut) {
  Session session;
  session.set("cart", "full");
  session.set_modified(false);
  EXPECT_EQ(session.pop("cart"), Value("full"));
  EXPECT_TRUE(session.modified());
  EXPECT_FALSE(session.contains("cart"));
}

TEST(Session, EraseOfAnAbsentNameModifiesNothing) {
  Session session;
  EXPECT_FALSE(session.erase("cart"));
  EXPECT_FALSE(session.modified());
}

TEST(Session, SetdefaultKeepsWhatIsThere) {
  Session session;
  EXPECT_EQ(session.setdefault("a", 1), Value(1));
  EXPECT_TRUE(session.modified());
  session.set_modified(false);
  EXPECT_EQ(session.setdefault("a", 2), Value(1));
  EXPECT_FALSE(session.modified());
}

TEST(Session, UpdateReplacesAndAdds) {
  Session session;
  session.set("a", 1);
  session.update({{"a", 2}, {"b", 3}});
  EXPECT_EQ(session.data(), Value::dict({{"a", 2}, {"b", 3}}));
  EXPECT_EQ(session.items().size(), 2u);
}

TEST(Session, ClearNeedsNoData) {
  Session session({}, "0123456789");
  session.clear();
  EXPECT_TRUE(session.loaded());
  EXPECT_TRUE(session.modified());
  EXPECT_TRUE(session.accessed());
  EXPECT_EQ(session.session_key(), "0123456789");
}

TEST(Session, TheTestCookieIsDjangos) {
  Session session;
  EXPECT_FALSE(session.test_cookie_worked());
  session.set_test_cookie();
  EXPECT_EQ(*session.get("testcookie"), Value("worked"));
  EXPECT_TRUE(session.test_cookie_worked());
  EXPECT_TRUE(session.delete_test_cookie());
  EXPECT_FALSE(session.test_cookie_worked());
}

Session logged_in() {
  Session session;
  session.update({{"_auth_user_id", "42"},
                  {"_auth_user_backend", "django.contrib.auth.backends.ModelBackend"},
                  {"_auth_user_hash", "c0ffee"}});
  return session;
}

TEST(SessionUsers, WhoLoggedInIsReadAsDjangoWroteIt) {
  const Session session = logged_in();
  EXPECT_EQ(session.user_id(), "42");
  EXPECT_EQ(session.user_backend(), "django.contrib.auth.backends.ModelBackend");
  EXPECT_EQ(session.user_hash(), "c0ffee");
  EXPECT_EQ(session.user(),
            (SessionUser{"42", "django.contrib.auth.backends.ModelBackend", "c0ffee"}));
}

TEST(SessionUsers, NobodyIsLoggedInWithoutIdOrBackend) {
  EXPECT_EQ(Session().user(), std::nullopt);
  for (const char* name : {"_auth_user_id", "_auth_user_backend"}) {
    Session session = logged_in();
    session.erase(name);
    EXPECT_EQ(session.user(), std::nullopt) << name;
    session.set(name, "");
    EXPECT_EQ(session.user(), std::nullopt) << name;
    session.set(name, Value());
    EXPECT_EQ(session.user(), std::nullopt) << name;
    session.set(name, Value::list({"42"}));
    EXPECT_EQ(session.user(), std::nullopt) << name;
  }
}

TEST(SessionUsers, AnIdThatIsAnIntIsReadAsItsText) {
  Session session = logged_in();
  session.set("_auth_user_id", 7);
  EXPECT_EQ(session.user_id(), "7");
  session.set("_auth_user_id", true);
  EXPECT_EQ(session.user_id(), std::nullopt);
}

TEST(SessionUsers, AUserModelWithoutAHashHasAnEmptyOne) {
  Session session = logged_in();
  session.set("_auth_user_hash", "");
  EXPECT_EQ(session.user_hash(), std::nullopt);
  ASSERT_TRUE(session.user());
  EXPECT_EQ(session.user()->hash, "");
  EXPECT_FALSE(session.user()->hash_malformed);
}

TEST(SessionUsers, AHashThatIsNoTextIsToldFromNone) {
  Session session = logged_in();
  for (Value odd : {Value(5), Value(true), Value::list({"c0ffee"}), Value::dict()}) {
    session.set("_auth_user_hash", odd);
    EXPECT_EQ(session.user()->hash, "");
    EXPECT_TRUE(session.user()->hash_malformed) << to_string(odd);
  }
  for (Value none : {Value(), Value(""), Value::bytes("")}) {
    session.set("_auth_user_hash", none);
    EXPECT_EQ(session.user()->hash, "");
    EXPECT_FALSE(session.user()->hash_malformed) << to_string(none);
  }
  session.erase("_auth_user_hash");
  EXPECT_FALSE(session.user()->hash_malformed);
}

TEST(SessionUsers, ASessionThatIsNotLoadedHasNobody) {
  EXPECT_EQ(Session({}, "0123456789").user(), std::nullopt);
}

}  // namespace
}  // namespace djcache
