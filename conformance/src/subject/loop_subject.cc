#include "src/subject/loop_subject.h"

namespace djcache::conformance {
namespace {

// Wraps a UniqueFunction in a std::function, which must be copyable.
std::function<void()> resolving(Resolve resolve, Value value) {
  auto shared = std::make_shared<Resolve>(std::move(resolve));
  return [shared, value = std::move(value)] { (*shared)(Value(value)); };
}

}  // namespace

LoopSubject::LoopSubject(const SubjectSetup& setup, Begin begin) : setup_(setup), begin_(begin) {
  create();
}

void LoopSubject::create() {
  locks_.clear();
  caches_.clear();
  if (setup_.settings.ok()) engine_.emplace(setup_.runner.loop(), *setup_.settings);
}

void LoopSubject::destroy() { engine_.reset(); }

Cache LoopSubject::cache(const Call& call) {
  if (call.fresh) return engine_->cache(call.on);
  const auto known = caches_.find(call.on);
  if (known != caches_.end()) return known->second;
  return caches_.emplace(call.on, engine_->cache(call.on)).first->second;
}

void LoopSubject::start(const Call& call, std::shared_ptr<Pending> pending) {
  Settle settle(pending);
  if (!setup_.settings.ok()) return settle.error(setup_.settings.error());
  // Cache handles of a destroyed engine can still be called: they drop their callbacks.
  const auto known = caches_.find(call.on);
  if (!engine_ && known == caches_.end()) return;
  Cache handle = engine_ ? cache(call) : known->second;
  if (call.method == Method::close) {
    handle.close();
    return settle.value(nullptr);
  }
  if (call.method == Method::make_key) return settle.value(handle.make_key(call.key, call.version));
  pending->alias = call.on;
  pending->inside_call = true;
  pending->ticket = begin_(*this, handle, call, std::move(settle));
  pending->inside_call = false;
}

bool LoopSubject::cancel(const Pending& pending) {
  return engine_ && engine_->cancel(pending.ticket);
}

void LoopSubject::disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) {
  DisconnectDone done = [settle = Settle(pending)](DisconnectReport report) mutable {
    settle.report(report);
  };
  if (!engine_) return done(DisconnectReport{});
  pending->inside_call = true;
  if (!step.alias.empty()) {
    engine_->cache(step.alias).disconnect(step.options, std::move(done));
  } else if (step.pool) {
    auto pools = engine_->pools();
    if (*step.pool < pools.size()) pools[*step.pool].disconnect(step.options, std::move(done));
  } else {
    engine_->disconnect(step.options, std::move(done));
  }
  pending->inside_call = false;
}

std::vector<PoolInfo> LoopSubject::pools() const {
  std::vector<PoolInfo> infos;
  if (!engine_) return infos;
  for (const Pool& pool : engine_->pools()) infos.push_back(pool.info());
  return infos;
}

AsyncProducer LoopSubject::producer(const ProducerSpec& spec) {
  return [this, spec](Resolve resolve) { produce(spec, std::move(resolve)); };
}

void LoopSubject::produce(const ProducerSpec& producer, Resolve resolve) {
  if (!producer.counter.empty()) ++setup_.counters[producer.counter];
  if (producer.fails) return;  // the resolver is destroyed without a call
  auto finish = resolving(std::move(resolve), producer.returns);
  if (producer.later) {
    finish = [&later = setup_.later, finish] { later.push_back(finish); };
  }
  if (producer.does == nullptr) return finish();
  auto first = std::make_shared<Pending>();
  first->on_end = finish;
  start(*producer.does, first);
}

}  // namespace djcache::conformance
