#include "cache/rig_fixture.h"

#include "codec/embedded.h"

namespace djcache::cache::test {

std::uint64_t Rig::now_ms = 0;

Rig::Rig() {
  now_ms = 1'000'000;
  alias_ = std::make_shared<detail::Alias>("default", CacheSettings{});
  // Not owned: the fixture outlives its alias.
  alias_->calls = std::shared_ptr<Calls>(&calls_, [](Calls*) {});
  alias_->backend = &backend_;
  alias_->codec = codec::make_embedded_codec(codec::Limits{});
  alias_->stampede.clock = [] { return now_ms; };
  alias_->stampede.random = [this] { return chance_; };
  alias_->on_warning = [this](std::string_view, std::string_view text) {
    warnings_.emplace_back(text);
  };
}

void Rig::run() {
  do {
    calls_.let_time_pass();
    calls_.stamp(now_ms);
    calls_.run_deferred();
  } while (calls_.has_deferred());
  calls_.stamp(now_ms);
}

void Rig::pass(std::uint64_t milliseconds) {
  now_ms += milliseconds;
  calls_.expire_parked(now_ms);
  run();
}

void Rig::destroy() {
  alias_->calls = nullptr;
  alias_->backend = nullptr;
  calls_.drop_all();
}

Asked Rig::next(std::string_view what) {
  if (backend_.asked.empty()) {
    ADD_FAILURE() << "nothing is asked; expected: " << what;
    return {};
  }
  Asked first = std::move(backend_.asked.front());
  backend_.asked.pop_front();
  EXPECT_EQ(first.what, what);
  return first;
}

void Rig::end(const Asked& asked, const Outcome& outcome) {
  ASSERT_NE(asked.call, nullptr);
  asked.call->finish(outcome);
  run();
}

void Rig::flag(const Asked& asked, bool flag) {
  Outcome outcome;
  outcome.flag = flag;
  end(asked, outcome);
}

void Rig::number(const Asked& asked, std::int64_t number, bool flag) {
  Outcome outcome;
  outcome.integer = number;
  outcome.flag = flag;
  end(asked, outcome);
}

std::string Rig::encoded(const Value& value) {
  codec::Scratch scratch;
  codec::Encoded encoded;
  Error error;
  EXPECT_TRUE(alias_->codec->encode(value, scratch, encoded, error)) << error.detail;
  return std::string(encoded.head).append(encoded.body);
}

void Rig::value(const Asked& asked, const Value& value) { bytes(asked, encoded(value)); }

void Rig::bytes(const Asked& asked, std::string_view bytes) {
  Outcome outcome;
  outcome.flag = true;
  outcome.bytes = bytes;
  end(asked, outcome);
}

void Rig::fail(const Asked& asked, Errc code) {
  const Error error{code, "the test says so"};
  Outcome outcome;
  outcome.error = &error;
  end(asked, outcome);
}

void Rig::page(const Asked& asked, std::string_view cursor, std::vector<std::string> keys) {
  struct Keys final : ManyBytes {
    explicit Keys(std::vector<std::string>& all) : all(all) {}
    bool next(std::string_view& bytes) override {
      if (at == all.size()) return false;
      bytes = all[at++];
      return true;
    }
    std::vector<std::string>& all;
    std::size_t at = 0;
  } many(keys);
  Outcome outcome;
  outcome.bytes = cursor;
  outcome.many = &many;
  end(asked, outcome);
}

}  // namespace djcache::cache::test
