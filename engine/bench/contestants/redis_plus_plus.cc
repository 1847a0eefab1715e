// redis-plus-plus' AsyncRedis: one connection, with callbacks on its own loop thread.
#include <sw/redis++/async_redis++.h>

#include <future>
#include <optional>

#include "contestants/contestant.h"

namespace djcache::bench {
namespace {

class RedisPlusPlus final : public Contestant {
 public:
  std::string open(uv_loop_t&, const Endpoint& endpoint, ReplySink& sink) override {
    sink_ = &sink;
    sw::redis::ConnectionOptions options;
    options.host = endpoint.host;
    options.port = endpoint.port;
    sw::redis::ConnectionPoolOptions pool;
    pool.size = 1;
    redis_.emplace(options, pool);
    return "";
  }

  void get(std::uint32_t slot, const Key& key) override {
    redis_->get(key.made, [this, slot](sw::redis::Future<sw::redis::OptionalString>&& reply) {
      answer([&] {
        const auto value = reply.get();
        value ? sink_->on_value(slot, *value) : sink_->on_failure("redis-plus-plus: a GET missed");
      });
    });
  }

  void set(std::uint32_t slot, const Key& key, std::string_view value) override {
    redis_->set(key.made, sw::redis::StringView(value.data(), value.size()),
                std::chrono::seconds(300), [this, slot](sw::redis::Future<bool>&& reply) {
                  answer([&] {
                    reply.get() ? sink_->on_stored(slot)
                                : sink_->on_failure("redis-plus-plus: a SET stored nothing");
                  });
                });
  }

  void close() override { redis_.reset(); }

  // Begins in the callback of a PING, which runs on the client's own thread as all replies do.
  void run(uv_loop_t&, const std::function<void()>& begin) override {
    ended_ = {};
    redis_->command<std::string>("PING", [&begin, this](sw::redis::Future<std::string>&& reply) {
      answer([&] {
        reply.get();
        begin();
      });
    });
    ended_.get_future().wait();
  }
  void end(uv_loop_t&) override { ended_.set_value(); }

 private:
  template <class Work>
  void answer(Work work) {
    try {
      work();
    } catch (const sw::redis::Error& error) {
      sink_->on_failure(std::string("redis-plus-plus: ") + error.what());
    }
  }

  std::optional<sw::redis::AsyncRedis> redis_;
  std::promise<void> ended_;
  ReplySink* sink_ = nullptr;
};

}  // namespace

std::unique_ptr<Contestant> make_redis_plus_plus(const Workload&) {
  return std::make_unique<RedisPlusPlus>();
}

}  // namespace djcache::bench
