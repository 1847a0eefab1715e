// SyncSubject: the blocking API. Each call is made on a thread of its own, while the replay turns
// its loop, on which a scripted peer may be what answers. What the engine's loop thread tells
// (warnings, events) and how calls end reaches the replay's thread through an inbox.
#pragma once

#include <mutex>
#include <thread>

#include <uv.h>

#include <djcache/sync_cache.h>

#include "src/subject/subject.h"
#include "src/subject/verbs.h"

namespace djcache::conformance {

class SyncSubject final : public Subject {
 public:
  explicit SyncSubject(const SubjectSetup& setup);
  ~SyncSubject() override;

  void create() override;
  void destroy() override;
  bool exists() const override { return engine_ != nullptr; }
  void start(const Call& call, std::shared_ptr<Pending> pending) override;
  // A blocked thread has no ticket: nobody could ask.
  bool cancel(const Pending&) override { return false; }
  void disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) override;
  std::vector<PoolInfo> pools() const override;

  // --- For call_sync, on any thread.
  void count(const ProducerSpec& producer);
  SyncLock& lock(const Call& call, const SyncCache& cache);

 private:
  using News = std::function<void()>;

  void open_inbox();
  void tell(News news);  // any thread
  void read_inbox();
  Settings settings();
  SyncCache cache(const Call& call);
  // On a thread; returns when the engine has heard of it, or it has ended.
  void run(std::function<News()> work);

  SubjectSetup setup_;
  std::unique_ptr<SyncEngine> engine_;
  std::map<std::string, SyncCache> caches_;
  Locks<SyncLock> locks_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::vector<News> inbox_;
  uv_async_t* bell_ = nullptr;
};

// --- sync_flavour.cc
// Makes the call; what it returns reports the end on the replay's thread.
std::function<void()> call_sync(SyncSubject& subject, const SyncCache& cache, const Call& call,
                                std::shared_ptr<Pending> pending);

}  // namespace djcache::conformance
