// Walks over the keys of a pattern, page by page.
#include "cache/rig_fixture.h"

namespace djcache::cache::test {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

struct Walks : Rig {
  Told<Keys> keys;
  Told<std::int64_t> number_;

  Ticket ask(const PatternOptions& options = {}) {
    return cache().keys("a*", options, keys.callback());
  }
};

TEST_F(Walks, GoOnFromCursorToCursorUntilTheLast) {
  ask({.limit = 90ms, .page_size = 7});
  const Asked first = next("scan 0");
  EXPECT_EQ(first.detail, ":1:a*");
  EXPECT_EQ(first.number, 7);
  EXPECT_EQ(first.options.limit_ms, 90u);
  EXPECT_FALSE(first.options.continuation);
  page(first, "33", {":1:ab"});
  EXPECT_EQ(keys.calls, 0);
  const Asked second = next("scan 33");
  EXPECT_TRUE(second.options.continuation);
  page(second, "0", {":1:aa", ":1:ab"});
  EXPECT_EQ(**keys.result, (Keys{"aa", "ab"}));
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(counted().operations, 1u);
}

TEST_F(Walks, APageOfNothingIsOneOfOneEntry) {
  ask({.page_size = 0});
  EXPECT_EQ(next("scan 0").number, 1);
}

TEST_F(Walks, ThePrefixIsTakenByTheLetter) {
  alias_->keys = KeyMaker("p*?[x]\\", 3, {});
  ask();
  EXPECT_EQ(next("scan 0").detail, "p\\*\\?\\[x\\]\\\\:3:a*");
  ask({.version = 4});
  EXPECT_EQ(next("scan 0").detail, "p\\*\\?\\[x\\]\\\\:4:a*");
}

// A server that ignores MATCH, or lies.
TEST_F(Walks, KeysThatWereNotAskedForArePassedOver) {
  const Keys answered = {"", ":", ":1:", "x", ":1:b", ":10:ab", ":2:ab", "a:1:ab", ":1:ab", ":1:a"};
  ask();
  page(next("scan 0"), "0", answered);
  EXPECT_EQ(**keys.result, (Keys{"a", "ab"}));
  cache().iter_keys(
      "a*", {},
      [](std::vector<std::string>& found) {
        EXPECT_EQ(found, (Keys{"ab", "a"}));
        return true;
      },
      number_.callback());
  page(next("scan 0"), "0", answered);
  EXPECT_EQ(**number_.result, 2);
  cache().delete_pattern("a*", {}, number_.callback());
  // nothing to delete on this page, but there is another one
  page(next("scan 0"), "7", {"x", "", ":1:b"});
  page(next("scan 7"), "0", answered);
  const Asked erase = next("erase_many :1:ab :1:a");
  number(erase, 2);
  EXPECT_EQ(**number_.result, 2);
}

TEST_F(Walks, AKeyFunctionThatHidesTheKeyIsRefused) {
  alias_->keys = KeyMaker("", 1, [](std::string_view key, std::string_view, std::int64_t) {
    return std::string(key) + "!";
  });
  ask();
  run();
  EXPECT_EQ(keys.error(), Errc::not_supported);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(Walks, AsManyKeysAsMayBeAreGivenAndDoublesDoNotCount) {
  ask({.keys_max = 2});
  page(next("scan 0"), "5", {":1:ab", ":1:aa"});
  page(next("scan 5"), "0", {":1:aa", ":1:aa"});
  EXPECT_EQ(**keys.result, (Keys{"aa", "ab"}));
  ask({.keys_max = 2});
  page(next("scan 0"), "5", {":1:ab", ":1:aa", ":1:ac"});
  EXPECT_EQ(keys.error(), Errc::overloaded);
  EXPECT_EQ(keys.calls, 2);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(Walks, AnErrorOfAnyPageIsTheirs) {
  ask();
  fail(next("scan 0"), Errc::server_error);
  EXPECT_EQ(keys.error(), Errc::server_error);
  ask();
  page(next("scan 0"), "5", {":1:ab"});
  fail(next("scan 5"), Errc::timeout);
  EXPECT_EQ(keys.error(), Errc::timeout);
  EXPECT_EQ(keys.calls, 2);
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(counted().errors_of(Errc::server_error), 1u);
  EXPECT_EQ(counted().errors_of(Errc::timeout), 1u);
}

TEST_F(Walks, CancelledInAnyStepTheyEndOnceAndLeaveTheirPlace) {
  for (int i = 0; i < 200; ++i) {
    const Ticket before = ask();
    cache().cancel(before);
    run();
    EXPECT_EQ(keys.error(), Errc::cancelled);
    page(next("scan 0"), "5", {":1:ab"});
    const Ticket between = cache().delete_pattern("a*", {}, number_.callback());
    page(next("scan 0"), "5", {":1:ab"});
    cache().cancel(between);
    run();
    EXPECT_EQ(number_.error(), Errc::cancelled);
    const Asked erase = next("erase_many :1:ab");
    i % 2 == 0 ? number(erase, 1) : fail(erase, Errc::timeout);
    ask();
    page(next("scan 0"), "0", {":1:ab"});
  }
  EXPECT_EQ(keys.calls + number_.calls, 600);
  EXPECT_EQ(counted().errors_of(Errc::cancelled), 400u);
  EXPECT_TRUE(nothing_asked());
  EXPECT_TRUE(places_are_free());
}

TEST_F(Walks, ACancelThatIsUnderWayWhenTheLastPageComesIsKept) {
  const Ticket ticket = ask();
  const Asked last = next("scan 0");
  cache().cancel(ticket);
  page(last, "0", {":1:ab"});
  EXPECT_EQ(keys.error(), Errc::cancelled);
  EXPECT_EQ(keys.calls, 1);
  EXPECT_TRUE(places_are_free());
}

TEST_F(Walks, AnErrorThatComesWithACancelIsTold) {
  const Ticket ticket = ask();
  const Asked asked = next("scan 0");
  cache().cancel(ticket);
  fail(asked, Errc::server_error);
  EXPECT_EQ(keys.error(), Errc::server_error);
  EXPECT_EQ(keys.calls, 1);
}

TEST_F(Walks, AreWaitedForByADisconnect) {
  const Ticket ticket = ask();
  const std::vector<Ticket> enrolled = calls_.enrolled();
  ASSERT_EQ(enrolled.size(), 1u);
  EXPECT_EQ(enrolled[0], ticket);
}

TEST_F(Walks, DeletePatternDeletesPageByPageAndCounts) {
  cache().delete_pattern("a*", {}, number_.callback());
  page(next("scan 0"), "5", {":1:ab", ":1:ac"});
  const Asked erase = next("erase_many :1:ab :1:ac");
  EXPECT_EQ(erase.affinity, "ab ac ");
  EXPECT_TRUE(erase.options.continuation);
  EXPECT_TRUE(nothing_asked());
  number(erase, 2);
  page(next("scan 5"), "6", {});
  page(next("scan 6"), "0", {":1:ad"});
  number(next("erase_many :1:ad"), 1);
  EXPECT_EQ(**number_.result, 3);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(Walks, AnErrorOfADeleteEndsTheWalk) {
  cache().delete_pattern("a*", {}, number_.callback());
  page(next("scan 0"), "5", {":1:ab"});
  fail(next("erase_many :1:ab"), Errc::out_of_memory);
  EXPECT_EQ(number_.error(), Errc::out_of_memory);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(Walks, IterKeysGivesThePagesThatHaveKeys) {
  std::vector<Keys> pages;
  cache().iter_keys(
      "a*", {},
      [&](std::vector<std::string>& each) {
        pages.push_back(each);
        return pages.size() < 2;
      },
      number_.callback());
  page(next("scan 0"), "5", {":1:ab", ":1:ac"});
  page(next("scan 5"), "6", {});
  page(next("scan 6"), "7", {":1:ad"});
  EXPECT_EQ(pages, (std::vector<Keys>{{"ab", "ac"}, {"ad"}}));
  EXPECT_EQ(**number_.result, 3) << "told to stop";
  EXPECT_TRUE(nothing_asked());
}

TEST_F(Walks, IterKeysWithoutAFunctionOnlyWalks) {
  cache().iter_keys("a*", {}, nullptr, number_.callback());
  page(next("scan 0"), "0", {":1:ab"});
  EXPECT_EQ(**number_.result, 0);
}

TEST_F(Walks, CancelledByItsOwnFunctionAnIterationEndsOnce) {
  Ticket ticket;
  ticket = cache().iter_keys(
      "a*", {}, [&](std::vector<std::string>&) { return cache().cancel(ticket); },
      number_.callback());
  page(next("scan 0"), "5", {":1:ab"});
  EXPECT_EQ(number_.error(), Errc::cancelled);
  page(next("scan 5"), "0", {});
  EXPECT_EQ(number_.calls, 1);
  EXPECT_TRUE(places_are_free());
}

TEST_F(Walks, ABrokenAliasTellsWhyAndIsAskedNothing) {
  alias_->broken = Error{Errc::invalid_argument, "no such codec"};
  ask();
  run();
  EXPECT_EQ(keys.result->error().detail, "no such codec");
  EXPECT_TRUE(nothing_asked());
}

}  // namespace
}  // namespace djcache::cache::test
