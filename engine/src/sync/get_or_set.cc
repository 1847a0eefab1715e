// SyncCache::get_or_set(). The producer runs on the calling thread, while the operation on the loop
// waits for its Resolve to be called.
#include <djcache/sync_cache.h>

#include <exception>

#include "sync/alias.h"

namespace djcache {

using sync::Alias;
using sync::Core;
using sync::Submission;

namespace {

class Producing final : public sync::Answer<Result<Value>> {
 public:
  Producing(sync::Waker& waker, Alias& alias, std::string_view key, const GetOrSetOptions& options)
      : Answer(waker), alias_(alias), key_(key), options_(options) {}

  // On the driving thread only.
  void resolve(Result<Value> product) {
    if (auto resolve = std::exchange(resolve_, {})) resolve(std::move(product));
  }

 private:
  void issue(Engine& engine) override {
    // Called only while the operation has not ended, which keeps *this.
    AsyncProducer producer = [this](Resolve resolve) {
      resolve_ = std::move(resolve);
      waker().tell(*this, to_produce);
    };
    alias_.cache(engine).get_or_set(key_, std::move(producer), options_,
                                    sync::Settle<Result<Value>>(*this));
  }
  // It may end while its producer runs. A Resolve may only be destroyed on the driving thread.
  void before_answer() override { resolve_ = {}; }

  Alias& alias_;  // on the caller's stack, as are key and options: valid while it is issued
  std::string_view key_;
  const GetOrSetOptions& options_;
  Resolve resolve_;
};

// The producer's result, on its way to the loop.
class Product final : public Submission {
 public:
  Product(Producing& of, Result<Value> value) : of_(of), value_(std::move(value)) { of_.hold(); }

 private:
  ~Product() override { of_.release(); }
  void issue(Engine&) override { of_.resolve(std::move(value_)); }
  void refuse() override {}  // the operation is being refused, too

  Producing& of_;
  Result<Value> value_;
};

// An exception is rethrown later: the operation on the loop must end first.
Result<Value> run_producer(const SyncCache::Produce& producer, std::exception_ptr& thrown) {
  try {
    return producer();
  } catch (...) {
    thrown = std::current_exception();
    return {Errc::cancelled, "the producer threw an exception"};
  }
}

}  // namespace

Result<Value> SyncCache::get_or_set(std::string_view key, Value fallback,
                                    const GetOrSetOptions& options) const {
  return alias_->core->call<Result<Value>>(
      options.limit.value_or(alias_->limit), [&](Engine& engine, auto settle) {
        alias_->cache(engine).get_or_set(key, std::move(fallback), options, std::move(settle));
      });
}

Result<Value> SyncCache::produce(std::string_view key, Produce producer,
                                 const GetOrSetOptions& options) const {
  Core& core = *alias_->core;
  if (auto refused = core.refuse()) return *std::move(refused);
  auto* call = new Producing(core.waker(), *alias_, key, options);
  const Core::Reference reference(*call);
  const Core::Counted counted(core.counter());
  const auto limit = options.limit.value_or(alias_->limit);
  if (!core.submit(*call)) return sync::engine_is_gone();
  if (auto late = core.wait(*call, limit)) return *std::move(late);
  std::uint32_t word = Submission::to_produce;
  if (!call->word.compare_exchange_strong(word, Submission::waiting)) return call->take();

  std::exception_ptr thrown;
  auto* product = new Product(*call, run_producer(producer, thrown));
  (void)core.submit(*product);  // refused: so is the operation
  product->release();
  auto late = core.wait(*call, limit);
  if (thrown) std::rethrow_exception(thrown);
  return late ? Result<Value>(*std::move(late)) : call->take();
}
}  // namespace djcache
