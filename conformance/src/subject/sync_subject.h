// SyncSubject: the blocking API. Each call is made on a thread of its own while the replay runs its
// loop, which may drive a scripted peer. Warnings and events from the engine's loop thread and the
// ends of calls reach the replay's thread through an inbox.
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
  // A blocked thread has no ticket, so it cannot be cancelled.
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
  // Runs `work` on a thread; returns once the engine has received the call or the call has ended.
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
// Makes the call; the returned function reports the end on the replay's thread.
std::function<void()> call_sync(SyncSubject& subject, const SyncCache& cache, const Call& call,
                                std::shared_ptr<Pending> pending);

}  // namespace djcache::conformance
