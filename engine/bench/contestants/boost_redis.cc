// Boost.Redis: one connection on an Asio context, with callbacks, and a request and a response per
// slot.
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/redis/connection.hpp>
#include <boost/redis/src.hpp>
#include <optional>

#include "contestants/contestant.h"

namespace djcache::bench {
namespace {

namespace asio = boost::asio;
namespace redis = boost::redis;

class BoostRedis final : public Contestant {
 public:
  explicit BoostRedis(std::uint32_t in_flight) : slots_(in_flight) {}

  std::string open(uv_loop_t&, const Endpoint& endpoint, ReplySink& sink) override {
    sink_ = &sink;
    config_.addr = {endpoint.host, std::to_string(endpoint.port)};
    config_.health_check_interval = {};  // none
    connection_.emplace(context_);
    connection_->async_run(config_, redis::logger(redis::logger::level::disabled), asio::detached);
    return "";
  }

  void get(std::uint32_t slot, const Key& key) override {
    slots_[slot].request.clear();
    slots_[slot].request.push("GET", key.made);
    execute(slot, [this, slot](std::string_view value) { sink_->on_value(slot, value); });
  }

  void set(std::uint32_t slot, const Key& key, std::string_view value) override {
    slots_[slot].request.clear();
    slots_[slot].request.push("SET", key.made, value, "EX", "300");
    execute(slot, [this, slot](std::string_view) { sink_->on_stored(slot); });
  }

  void close() override {
    connection_->cancel();
    context_.restart();
    context_.run();
    connection_.reset();
  }

  void run(uv_loop_t&, const std::function<void()>& begin) override {
    asio::post(context_, begin);
    context_.restart();
    context_.run();
  }
  void end(uv_loop_t&) override { context_.stop(); }

 private:
  struct Slot {
    redis::request request;
    redis::response<std::string> response;
  };

  template <class Done>
  void execute(std::uint32_t slot, Done done) {
    auto& [request, response] = slots_[slot];
    std::get<0>(response).emplace();
    connection_->async_exec(
        request, response,
        [this, done, &result = std::get<0>(response)](boost::system::error_code error, auto) {
          if (error) return sink_->on_failure("Boost.Redis: " + error.message());
          if (!result) return sink_->on_failure("Boost.Redis: " + result.error().diagnostic);
          done(result.value());
        });
  }

  asio::io_context context_{1};
  redis::config config_;
  std::optional<redis::connection> connection_;
  std::vector<Slot> slots_;
  ReplySink* sink_ = nullptr;
};

}  // namespace

std::unique_ptr<Contestant> make_boost_redis(const Workload& workload) {
  return std::make_unique<BoostRedis>(workload.in_flight);
}

}  // namespace djcache::bench
