// MemoryBackend: operations take effect inside the call, and callbacks run later.
#include "memory/memory_backend.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "codec/embedded.h"

namespace djcache::memory {
namespace {

std::uint64_t virtual_now = 1'000'000;

struct Seen {
  std::optional<Error> error{};
  bool flag = false;
  std::int64_t integer = 0;
  std::string bytes{};
};

struct MemoryBackendTest : testing::Test {
  // A call that copies its outcome; `told` is set when its callback runs.
  struct Convert {
    Seen* seen;
    Result<void> operator()(const Outcome& outcome) const {
      *seen = {{}, outcome.flag, outcome.integer, std::string(outcome.bytes)};
      return {};
    }
  };
  Call* call() {
    Callback<void> done = [this](Result<void> r) {
      ++told;
      if (!r.ok()) seen.error = r.error();
    };
    seen = {};
    return calls.make<ResultCall<void, Convert>>(std::move(done), Convert{&seen});
  }
  const Seen& run() {
    calls.run_deferred();
    return seen;
  }
  void set(const std::string& key, const Value& value, const Expiry& expiry = {.forever = true}) {
    codec::Encoded encoded;
    Error error;
    ASSERT_TRUE(codec.encode(value, scratch, encoded, error));
    backend.ask({.verb = Verb::set, .key = {key, key}, .expiry = expiry, .value = encoded}, call());
    ASSERT_FALSE(run().error);
  }

  int told = 0;
  Seen seen;
  Calls calls{[] {}};
  codec::EmbeddedCodec codec{codec::Limits{}};
  codec::Scratch scratch;
  std::shared_ptr<Store> store = std::make_shared<Store>(
      StoreOptions{.policy = EvictionPolicy::s3_fifo, .max_bytes = std::size_t{1} << 20});
  MemoryBackend backend{store, {.max_entries = 1000}, calls, [] { return virtual_now; }};
};

TEST_F(MemoryBackendTest, AnAnswerIsThatOfTheCallAndComesAfterIt) {
  set("k", "old");
  backend.ask({.verb = Verb::get, .key = {"k", "k"}}, call());
  EXPECT_EQ(told, 1) << "of the set; not yet of the get";
  const Seen got = seen;
  store->clear();
  run();
  EXPECT_EQ(told, 2);
  EXPECT_EQ(got.bytes, "sold");
}

TEST_F(MemoryBackendTest, IncrAddsInPlace) {
  set("n", 40);
  backend.ask({.verb = Verb::incr, .key = {"n", "n"}, .number = 2}, call());
  EXPECT_EQ(run().integer, 42);
  backend.ask({.verb = Verb::incr, .key = {"n", "n"}, .number = INT64_MAX}, call());
  EXPECT_EQ(run().error->code, Errc::integer_overflow);
  backend.ask({.verb = Verb::incr, .key = {"n", "n"}, .number = 0}, call());
  EXPECT_EQ(run().integer, 42);
}

TEST_F(MemoryBackendTest, IncrOfWhatIsNoIntegerSaysSo) {
  set("k", "40");
  backend.ask({.verb = Verb::incr, .key = {"k", "k"}, .number = 1}, call());
  EXPECT_EQ(run().error->code, Errc::not_an_integer);
  backend.ask({.verb = Verb::incr, .key = {"missing", "missing"}, .number = 1}, call());
  EXPECT_EQ(run().error->detail, "Key 'missing' not found");
}

TEST_F(MemoryBackendTest, AValueThatDoesNotFitIsRefusedByName) {
  const std::string huge(std::size_t{2} << 20, 'v');
  codec::Encoded encoded{"s", huge};
  backend.ask(
      {.verb = Verb::set, .key = {"big", "big"}, .expiry = {.forever = true}, .value = encoded},
      call());
  EXPECT_EQ(run().error->code, Errc::value_too_large);
  EXPECT_NE(seen.error->detail.find("'big'"), std::string::npos);
}

TEST_F(MemoryBackendTest, SetManyIsAllOrNothing) {
  const std::string huge(std::size_t{2} << 20, 'v');
  const StoredEntry entries[] = {{{"a", "a"}, "sv"}, {{"b", "b"}, huge}};
  backend.ask_many({.verb = ManyVerb::set, .entries = entries, .expiry = {.forever = true}},
                   call());
  EXPECT_EQ(run().error->code, Errc::value_too_large);
  std::string_view bytes;
  EXPECT_EQ(backend.peek({"a", "a"}, bytes), Backend::Peeked::missing);
}

TEST_F(MemoryBackendTest, TheLongestTtlIsForEver) {
  set("k", "v", {.forever = false, .milliseconds = INT64_MAX});
  virtual_now += 1'000'000'000'000;
  std::string_view bytes;
  EXPECT_EQ(backend.peek({"k", "k"}, bytes), Backend::Peeked::found);
  set("k", "v", {.forever = false, .milliseconds = -INT64_MAX});
  EXPECT_EQ(backend.peek({"k", "k"}, bytes), Backend::Peeked::missing);
}

TEST_F(MemoryBackendTest, ACallThatIsCancelledAfterwardsEndsWithThat) {
  Call* const pending = call();
  const Ticket ticket = pending->ticket();
  backend.ask({.verb = Verb::get, .key = {"k", "k"}}, pending);
  EXPECT_TRUE(calls.cancel(ticket));
  run();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(seen.error->code, Errc::cancelled);
}

}  // namespace
}  // namespace djcache::memory
