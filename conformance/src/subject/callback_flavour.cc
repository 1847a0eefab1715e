// The flavour that uses the callback API.
#include "src/subject/loop_subject.h"
#include "src/subject/verbs.h"

namespace djcache::conformance {
namespace {

struct ByCallback {
  LoopSubject& subject;
  const djcache::Cache& cache;
  const Call& call;
  Settle& settle;

  auto done() {
    return [call = call, settle = std::move(settle)](auto result) mutable {
      settle_with(settle, ending_of(call, std::move(result)));
    };
  }
  template <class Verb>
  Ticket run(Verb verb) {
    return verb(cache, call, done());
  }
  template <class Verb>
  Ticket run_on_lock(Verb verb) {
    return verb(subject.locks().of(call, coro::Cache(cache)).callbacks(), call, done());
  }
  AsyncProducer producer(const ProducerSpec& spec) { return subject.producer(spec); }
};

}  // namespace

Ticket begin_with_callback(LoopSubject& subject, Cache& cache, const Call& call, Settle settle) {
  return make_call(call, ByCallback{subject, cache, call, settle});
}

}  // namespace djcache::conformance
