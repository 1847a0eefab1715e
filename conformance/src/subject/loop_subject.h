// LoopSubject: an Engine on the replay's own loop. Flavours of the API differ in the function
// Begin, which begins a call.
#pragma once

#include <optional>

#include <djcache/coro.h>
#include <djcache/engine.h>

#include "src/subject/subject.h"
#include "src/subject/verbs.h"

namespace djcache::conformance {

class LoopSubject;

// Begins `call` on `cache`; `settle` reports its end. REQUIRES: not close or make_key, which have
// no end and are handled by the subject.
using Begin = Ticket (*)(LoopSubject& subject, Cache& cache, const Call& call, Settle settle);

class LoopSubject final : public Subject {
 public:
  LoopSubject(const SubjectSetup& setup, Begin begin);

  void create() override;
  void destroy() override;
  bool exists() const override { return engine_.has_value(); }
  void start(const Call& call, std::shared_ptr<Pending> pending) override;
  bool cancel(const Pending& pending) override;
  void disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) override;
  std::vector<PoolInfo> pools() const override;

  // --- For Begin.
  // The producer of a get_or_set; it resolves at once or later.
  AsyncProducer producer(const ProducerSpec& spec);
  Locks<coro::Lock>& locks() { return locks_; }

 private:
  void produce(const ProducerSpec& producer, Resolve resolve);
  Cache cache(const Call& call);

  SubjectSetup setup_;
  Begin begin_;
  std::optional<Engine> engine_;
  std::map<std::string, Cache> caches_;  // one object per alias, unless a call requests a new one
  Locks<coro::Lock> locks_;
};

// --- callback_flavour.cc
Ticket begin_with_callback(LoopSubject& subject, Cache& cache, const Call& call, Settle settle);
// --- coroutine_flavour.cc
Ticket begin_with_coroutine(LoopSubject& subject, Cache& cache, const Call& call, Settle settle);

}  // namespace djcache::conformance
