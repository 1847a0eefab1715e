#include "threads/contestants.h"

#include <djcache/sync_cache.h>
#include <hiredis/hiredis.h>

namespace djcache::bench {
namespace {

class SyncClient final : public ThreadedClient {
 public:
  explicit SyncClient(std::uint16_t port) : engine_(settings(port)) { (void)engine_.start(); }

  std::unique_ptr<Worker> make_worker() override {
    return std::make_unique<SyncWorker>(engine_.cache());
  }

 private:
  struct SyncWorker final : Worker {
    explicit SyncWorker(SyncCache of) : cache(std::move(of)) {}
    bool get(const std::string& bare, const std::string&, std::string& value) override {
      auto found = cache.get<std::string>(bare);
      if (!found.ok() || !found->has_value()) return false;
      value = **std::move(found);
      return true;
    }
    SyncCache cache;
  };
  static Settings settings(std::uint16_t port) {
    Settings settings;
    settings.caches["default"].location = {"redis://127.0.0.1:" + std::to_string(port)};
    settings.caches["default"].options.serializer = Serializer::raw;
    // Practically no limit, because hiredis has none.
    settings.caches["default"].options.command_limit = std::chrono::seconds(60);
    return settings;
  }

  SyncEngine engine_;
};

// A connection per thread, as is usual in programs that use blocking hiredis.
class HiredisClient final : public ThreadedClient {
 public:
  explicit HiredisClient(std::uint16_t port) : port_(port) {}

  std::unique_ptr<Worker> make_worker() override {
    auto worker = std::make_unique<HiredisWorker>();
    worker->context.reset(redisConnect("127.0.0.1", port_));
    if (worker->context == nullptr || worker->context->err != 0) return nullptr;
    return worker;
  }

 private:
  struct HiredisWorker final : Worker {
    bool get(const std::string&, const std::string& made, std::string& value) override {
      const char* words[] = {"GET", made.data()};
      const std::size_t sizes[] = {3, made.size()};
      auto* reply = static_cast<redisReply*>(redisCommandArgv(context.get(), 2, words, sizes));
      if (reply == nullptr) return false;
      const bool found = reply->type == REDIS_REPLY_STRING;
      if (found) value.assign(reply->str, reply->len);
      freeReplyObject(reply);
      return found;
    }
    struct Free {
      void operator()(redisContext* of) const { redisFree(of); }
    };
    std::unique_ptr<redisContext, Free> context;
  };
  const std::uint16_t port_;
};

}  // namespace

std::unique_ptr<ThreadedClient> make_threaded_client(const std::string& name, std::uint16_t port) {
  if (name == "djcache-sync") return std::make_unique<SyncClient>(port);
  if (name == "hiredis-blocking") return std::make_unique<HiredisClient>(port);
  return nullptr;
}

}  // namespace djcache::bench
