#include "stampede/stampede_fixture.h"

#include "codec/embedded.h"

namespace djcache {

std::uint64_t StampedeTest::now_ms = 0;

StampedeTest::StampedeTest() {
  now_ms = 1'000'000;
  alias_ = make_alias("default");
}

std::shared_ptr<detail::Alias> StampedeTest::make_alias(std::string name) {
  auto alias = std::make_shared<detail::Alias>(std::move(name), CacheSettings{});
  // Not owned: the fixture outlives its aliases.
  alias->calls = std::shared_ptr<Calls>(&calls_, [](Calls*) {});
  alias->backend = &backend_;
  alias->codec = codec::make_embedded_codec(codec::Limits{});
  alias->stampede.clock = [] { return now_ms; };
  alias->stampede.random = [this] { return chance_; };
  return alias;
}

void StampedeTest::run() {
  do {
    calls_.let_time_pass();
    calls_.stamp(now_ms);
    calls_.run_deferred();
  } while (calls_.has_deferred());
  calls_.stamp(now_ms);  // a call that was parked by a callback has requested a turn of its own
}

void StampedeTest::pass(std::uint64_t milliseconds) {
  now_ms += milliseconds;
  calls_.expire_parked(now_ms);
  run();
}

void StampedeTest::destroy() {
  alias_->calls = nullptr;
  alias_->backend = nullptr;
  calls_.drop_all();
}

StampedeTest::Caller& StampedeTest::call(std::string_view key, const GetOrSetOptions& options) {
  return call_on(cache(), key, options);
}

StampedeTest::Caller& StampedeTest::call_on(Cache cache, std::string_view key,
                                            const GetOrSetOptions& options) {
  callers_.push_back(std::make_unique<Caller>());
  Caller* caller = callers_.back().get();
  caller->ticket = cache.get_or_set(key, AsyncProducer([caller](Resolve resolve) {
                                      ++caller->produced;
                                      caller->resolve.emplace(std::move(resolve));
                                    }),
                                    options, [caller](Result<Value> answer) {
                                      ++caller->told;
                                      caller->answer = std::move(answer);
                                    });
  run();
  return *caller;
}

}  // namespace djcache
