// The flavour that uses the blocking API.
#include "src/subject/sync_subject.h"
#include "src/subject/verbs.h"

namespace djcache::conformance {
namespace {

using End = std::function<void()>;

struct Blocking {
  SyncSubject& subject;
  const SyncCache& cache;
  const Call& call;
  std::shared_ptr<Pending> pending;

  template <class T>
  End end(Result<T> result) {
    return [pending = pending, ending = ending_of(call, std::move(result))] {
      Settle settle(pending);
      settle_with(settle, ending);
    };
  }
  template <class Verb>
  End run(Verb verb) {
    return end(verb(cache, call));
  }
  template <class Verb>
  End run_on_lock(Verb verb) {
    return end(verb(subject.lock(call, cache), call));
  }
  // Runs on the calling thread, regardless of `later`.
  std::function<Result<Value>()> producer(const ProducerSpec& spec) {
    return [&subject = subject, &cache = cache, &spec]() -> Result<Value> {
      subject.count(spec);
      if (spec.fails) return {Errc::cancelled, "the producer gave up"};
      if (spec.does) (void)call_sync(subject, cache, *spec.does, std::make_shared<Pending>());
      return spec.returns;
    };
  }
};

}  // namespace

End call_sync(SyncSubject& subject, const SyncCache& cache, const Call& call,
              std::shared_ptr<Pending> pending) {
  Blocking blocking{subject, cache, call, std::move(pending)};
  if (call.method == Method::make_key) {
    return blocking.end(cache.make_key(call.key, call.version));
  }
  if (call.method == Method::close) {
    cache.close();
    return blocking.end(Result<void>());
  }
  return make_call(call, blocking);
}

}  // namespace djcache::conformance
