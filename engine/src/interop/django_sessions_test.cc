// One session, used in turn by Django's SessionStore and contrib.auth, and by djcache.
#include <djcache/session.h>

#include <map>
#include <sstream>

#include "interop/django_fixture.h"

namespace djcache::interop {
namespace {

class DjangoSessionsTest : public DjangoTest {
 protected:
  SessionStore store(std::string_view key = {}) { return SessionStore(cache().cache, key); }

  template <class T, class Start>
  Result<T> ask(Start begin) {
    Answer<T> answer;
    begin(Callback<T>(answer.callback()));
    return wait(answer);
  }
  SessionLoad load(SessionStore& store) {
    const auto result =
        ask<SessionLoad>([&](Callback<SessionLoad> done) { store.load(std::move(done)); });
    EXPECT_TRUE(result.ok()) << to_string(result.error());
    return result.ok() ? *result : SessionLoad::unreadable;
  }
  void save(SessionStore& store) {
    const auto result = ask<void>([&](Callback<void> done) { store.save(std::move(done)); });
    EXPECT_TRUE(result.ok()) << to_string(result.error());
  }
  // A session that a user of Django has just begun: its key, and the hash from login().
  std::pair<std::string, std::string> login() {
    const std::string words = django("login");
    const auto space = words.find(' ');
    return {words.substr(0, space), words.substr(space + 1)};
  }
};

SessionUser zoe(const std::string& hash) {
  return {"7", "django.contrib.auth.backends.ModelBackend", hash};
}

TEST_P(DjangoSessionsTest, DjcacheReadsAndChangesWhatDjangoWrote) {
  const std::string key = django("session-write");
  SessionStore session = store(key);
  ASSERT_EQ(load(session), SessionLoad::found);
  EXPECT_EQ(*session.session().get("name"), Value("Zo\u00eb"));
  EXPECT_TRUE(session.session().get("nothing")->is_nil());
  EXPECT_EQ(*session.session().get_expiry_age(), 5000);
  session.session().set("visits", 1);
  EXPECT_EQ(session.session().pop("ratio"), Value(0.5));
  save(session);
  django("session-check " + key);
}

TEST_P(DjangoSessionsTest, DatesOfExpiryMeanTheSameToBoth) {
  SessionStore session = store();
  const DateTime at{{2030, 6, 1}, {12, 30, 0, 0, 250000, TimeZone{.offset_us = 0}}};
  ASSERT_TRUE(session.session().set_expiry(at).ok());
  save(session);
  django("session-expires " + *session.session().session_key() +
         " 2030-06-01T12:30:00.250000+00:00");
  ASSERT_EQ(load(session), SessionLoad::found);
  using namespace std::chrono;
  EXPECT_EQ(*session.session().get_expiry_date(), sys_days{2031y / 2 / 3} + 4h + 5min + 6s);
}

TEST_P(DjangoSessionsTest, AUserWhoLoggedInThroughDjangoIsKnown) {
  const auto [key, hash] = login();
  SessionStore session = store(key);
  ASSERT_EQ(load(session), SessionLoad::found);
  EXPECT_EQ(session.session().user(), zoe(hash));
}

TEST_P(DjangoSessionsTest, ASessionThatDjcacheMovedIsStillTheUsers) {
  const auto [key, hash] = login();
  SessionStore session = store(key);
  ASSERT_EQ(load(session), SessionLoad::found);
  ASSERT_TRUE(ask<void>([&](Callback<void> done) { session.cycle_key(std::move(done)); }).ok());
  EXPECT_NE(*session.session().session_key(), key);
  EXPECT_EQ(django("is-logged-in " + *session.session().session_key()), "7");
  EXPECT_EQ(django("is-logged-in " + key), "None");
}

TEST_P(DjangoSessionsTest, ALogoutInDjangoIsOneInDjcacheAndIsNotUndoneByASave) {
  const auto [key, hash] = login();
  SessionStore session = store(key);
  ASSERT_EQ(load(session), SessionLoad::found);
  django("logout " + key);
  session.session().set("visits", 1);
  const auto saved = ask<void>([&](Callback<void> done) { session.save(std::move(done)); });
  ASSERT_FALSE(saved.ok());
  EXPECT_EQ(saved.error().code, Errc::session_gone);
  SessionStore again = store(key);
  EXPECT_EQ(load(again), SessionLoad::missing);
}

TEST_P(DjangoSessionsTest, DjangoAcceptsAUserWhomDjcacheLoggedIn) {
  const auto [key, hash] = login();
  SessionStore session = store();
  session.session().update({{"_auth_user_id", zoe(hash).id},
                            {"_auth_user_backend", zoe(hash).backend},
                            {"_auth_user_hash", hash}});
  save(session);
  EXPECT_EQ(django("is-logged-in " + *session.session().session_key()), "7");
}

TEST_P(DjangoSessionsTest, AFlushInDjcacheIsALogoutInDjango) {
  const auto [key, hash] = login();
  SessionStore session = store(key);
  ASSERT_EQ(load(session), SessionLoad::found);
  ASSERT_TRUE(ask<void>([&](Callback<void> done) { session.flush(std::move(done)); }).ok());
  EXPECT_EQ(django("is-logged-in " + key), "None");
}

// Choices, a model instance, an exception: none of them hides the session or is lost when it is
// saved.
TEST_P(DjangoSessionsTest, ObjectsOfTheSiteSurviveASaveByDjcache) {
  if (GetParam().kind != "any") GTEST_SKIP() << "Django itself writes them with pickle alone";
  const std::string key = django("session-foreign-write");
  SessionStore session = store(key);
  ASSERT_EQ(load(session), SessionLoad::found);
  const Session& data = session.session();
  EXPECT_EQ(data.get("status")->opaque_class(), "django_turn.Status");
  EXPECT_EQ(data.get("user")->opaque_class(), "auth.User");
  EXPECT_EQ(data.get("error")->opaque_class(), "django.core.exceptions.ValidationError");
  EXPECT_EQ(*data.get("plain"), Value::list({1, "two"}));
  session.session().set("visits", 1);
  save(session);
  django("session-foreign-check " + key);
}

TEST_P(DjangoSessionsTest, ACachedPageIsMovedAndWrittenBackAsItWas) {
  if (GetParam().kind != "any") GTEST_SKIP() << "Django itself writes responses with pickle alone";
  django("page-write");
  Answer<std::vector<std::string>> keys;
  cache().cache.keys("*cache_page*", keys.callback());
  const auto found = wait(keys);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  const std::string& page = found->front();
  EXPECT_EQ(cache().get(page), Errc::decode_failed);  // unless it is asked for
  const auto response = cache().get(page, {.foreign = Foreign::opaque});
  ASSERT_TRUE(response.ok()) << to_string(response.error());
  EXPECT_EQ((*response)->opaque_class(), "django.http.response.HttpResponse");
  EXPECT_TRUE(*cache().delete_(page));
  EXPECT_TRUE(cache().set(page, **response, {.ttl = 600s}).ok());
  django("page-check");
}

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, mark);) parts.push_back(part);
  return parts;
}

TEST_P(DjangoSessionsTest, TheHashIsVerifiedAsDjangosGetUserDoes) {
  std::map<std::string, int> seen;
  for (const std::string& line : split(django("verdicts"), '\n')) {
    std::vector<std::string> parts = split(line, '\t');
    parts.resize(6);
    SessionStore session = store(parts[0]);
    ASSERT_EQ(load(session), SessionLoad::found) << line;
    const SessionHash hash =
        verify_session_hash(parts[1], parts[2], split(parts[3], ','), session.session());
    const std::string verdict = hash == SessionHash::verified               ? "verified"
                                : hash == SessionHash::verified_by_fallback ? "renewed"
                                                                            : "refused";
    EXPECT_EQ(verdict, parts[4]) << line;
    if (verdict == "renewed") {
      EXPECT_EQ(session_auth_hash(parts[1], parts[2]), parts[5]);
    }
    ++seen[verdict];
  }
  EXPECT_EQ(seen,
            (std::map<std::string, int>{{"refused", 246}, {"verified", 12}, {"renewed", 12}}));
}

INSTANTIATE_TEST_SUITE_P(Django, DjangoSessionsTest, testing::Values(pickle(), msgpack()),
                         [](const auto& sides) { return sides.param.name; });

}  // namespace
}  // namespace djcache::interop
