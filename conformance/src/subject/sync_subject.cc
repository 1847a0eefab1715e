#include "src/subject/sync_subject.h"

namespace djcache::conformance {

SyncSubject::SyncSubject(const SubjectSetup& setup) : setup_(setup) { create(); }

SyncSubject::~SyncSubject() { destroy(); }

void SyncSubject::open_inbox() {
  if (bell_ != nullptr) return;
  bell_ = new uv_async_t;
  uv_async_init(&setup_.runner.loop(), bell_,
                [](uv_async_t* bell) { static_cast<SyncSubject*>(bell->data)->read_inbox(); });
  bell_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(bell_));
  // The handle belongs to the test, not to the engine, also while it is closing.
  setup_.runner.ignore_handles([this](const uv_handle_t& handle) { return handle.data == this; });
}

void SyncSubject::tell(News news) {
  const std::lock_guard lock(mutex_);
  inbox_.push_back(std::move(news));
  if (bell_ != nullptr) uv_async_send(bell_);
}

void SyncSubject::read_inbox() {
  std::vector<News> due;
  {
    const std::lock_guard lock(mutex_);
    due.swap(inbox_);
  }
  for (const News& news : due) news();
}

Settings SyncSubject::settings() {
  Settings settings = *setup_.settings;
  settings.on_warning = [this, told = setup_.settings->on_warning](std::string_view alias,
                                                                   std::string_view text) {
    tell([told, alias = std::string(alias), text = std::string(text)] { told(alias, text); });
  };
  settings.on_event = [this, told = setup_.settings->on_event](const PoolEvent& event) {
    tell([told, event] { told(event); });
  };
  return settings;
}

void SyncSubject::create() {
  locks_.clear();
  caches_.clear();
  if (!setup_.settings.ok()) return;
  open_inbox();
  engine_ = std::make_unique<SyncEngine>(settings());
  (void)engine_->start();
}

void SyncSubject::destroy() {
  engine_.reset();  // wakes all waiting threads
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  read_inbox();
  if (bell_ == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(bell_, nullptr)),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_async_t*>(handle); });
}

SyncCache SyncSubject::cache(const Call& call) {
  if (call.fresh) return engine_->cache(call.on);
  const auto known = caches_.find(call.on);
  if (known != caches_.end()) return known->second;
  return caches_.emplace(call.on, engine_->cache(call.on)).first->second;
}

void SyncSubject::run(std::function<News()> work) {
  auto ended = std::make_shared<std::atomic<bool>>(false);
  const std::uint64_t before = engine_ ? engine_->calls_begun() : 0;
  threads_.emplace_back([this, work = std::move(work), ended] {
    tell(work());
    *ended = true;
  });
  while (engine_ && !*ended && engine_->calls_begun() == before) std::this_thread::yield();
  // Calls begin in order: when pools() has answered, the earlier call has begun.
  if (engine_) (void)engine_->pools();
  read_inbox();
}

void SyncSubject::start(const Call& call, std::shared_ptr<Pending> pending) {
  Settle settle(pending);
  if (!setup_.settings.ok()) return settle.error(setup_.settings.error());
  const auto known = caches_.find(call.on);
  if (!engine_ && known == caches_.end()) return;
  const SyncCache handle = engine_ ? cache(call) : known->second;
  pending->alias = call.on;
  run([this, handle, call, held = std::make_shared<Settle>(std::move(settle)), pending] {
    return [end = call_sync(*this, handle, call, pending), held] { end(); };
  });
}

void SyncSubject::disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) {
  if (!engine_) return Settle(pending).report({});
  run([this, step, pending]() -> News {
    Result<DisconnectReport> report = DisconnectReport{};
    if (!step.alias.empty()) {
      report = engine_->cache(step.alias).disconnect(step.options);
    } else if (step.pool) {
      auto pools = engine_->pools();
      if (pools.ok() && *step.pool < pools->size()) {
        report = (*pools)[*step.pool].disconnect(step.options);
      }
    } else {
      report = engine_->disconnect(step.options);
    }
    return [report, pending] {
      report.ok() ? Settle(pending).report(*report) : Settle(pending).error(report.error());
    };
  });
}

void SyncSubject::count(const ProducerSpec& producer) {
  if (producer.counter.empty()) return;
  const std::lock_guard lock(mutex_);
  ++setup_.counters[producer.counter];
}

SyncLock& SyncSubject::lock(const Call& call, const SyncCache& cache) {
  const std::lock_guard lock(mutex_);
  return locks_.of(call, cache);
}

std::vector<PoolInfo> SyncSubject::pools() const {
  std::vector<PoolInfo> infos;
  if (!engine_) return infos;
  const auto pools = engine_->pools();
  if (!pools.ok()) return infos;
  for (const SyncPool& pool : *pools) {
    if (auto info = pool.info(); info.ok()) infos.push_back(*std::move(info));
  }
  return infos;
}

}  // namespace djcache::conformance
