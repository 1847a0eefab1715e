// hiredis' asynchronous context with the libuv adapter it ships, with the settings that suit it
// best: argument vectors instead of format strings, and a reader that keeps its buffer.
#include <hiredis/adapters/libuv.h>
#include <hiredis/async.h>

#include "contestants/contestant.h"

namespace djcache::bench {
namespace {

class HiredisAsync final : public Contestant {
 public:
  std::string open(uv_loop_t& loop, const Endpoint& endpoint, ReplySink& sink) override {
    sink_ = &sink;
    context_ = redisAsyncConnect(endpoint.host.c_str(), endpoint.port);
    if (context_ == nullptr || context_->err != 0) return "hiredis cannot connect";
    context_->data = this;
    // Otherwise the reader frees its buffer whenever more than 16 KiB of it are unused.
    context_->c.reader->maxbuf = 0;
    redisAsyncSetDisconnectCallback(context_, &HiredisAsync::disconnected);
    return redisLibuvAttach(context_, &loop) == REDIS_OK ? "" : "hiredis cannot attach";
  }

  void get(std::uint32_t slot, const Key& key) override {
    const char* arguments[] = {"GET", key.made.data()};
    const std::size_t lengths[] = {3, key.made.size()};
    issue(&HiredisAsync::got, slot, 2, arguments, lengths);
  }

  void set(std::uint32_t slot, const Key& key, std::string_view value) override {
    const char* arguments[] = {"SET", key.made.data(), value.data(), "EX", "300"};
    const std::size_t lengths[] = {3, key.made.size(), value.size(), 2, 3};
    issue(&HiredisAsync::stored, slot, 5, arguments, lengths);
  }

  void close() override {
    if (context_ != nullptr) redisAsyncDisconnect(context_);
  }

 private:
  void issue(redisCallbackFn* done, std::uint32_t slot, int count, const char** arguments,
             const std::size_t* lengths) {
    void* tag = reinterpret_cast<void*>(static_cast<std::uintptr_t>(slot));
    if (redisAsyncCommandArgv(context_, done, tag, count, arguments, lengths) != REDIS_OK) {
      sink_->on_failure("hiredis refuses a command");
    }
  }

  static ReplySink& sink_of(redisAsyncContext* context) {
    return *static_cast<HiredisAsync*>(context->data)->sink_;
  }
  static std::uint32_t slot_of(void* tag) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(tag));
  }

  static void got(redisAsyncContext* context, void* raw, void* tag) {
    const auto* reply = static_cast<const redisReply*>(raw);
    if (reply == nullptr || reply->type != REDIS_REPLY_STRING) {
      sink_of(context).on_failure("hiredis: no string for a GET");
      return;
    }
    sink_of(context).on_value(slot_of(tag), {reply->str, static_cast<std::size_t>(reply->len)});
  }

  static void stored(redisAsyncContext* context, void* raw, void* tag) {
    const auto* reply = static_cast<const redisReply*>(raw);
    if (reply == nullptr || reply->type != REDIS_REPLY_STATUS) {
      sink_of(context).on_failure("hiredis: no status for a SET");
      return;
    }
    sink_of(context).on_stored(slot_of(tag));
  }

  static void disconnected(const redisAsyncContext* context, int status) {
    auto* self = static_cast<HiredisAsync*>(context->data);
    self->context_ = nullptr;
    if (status != REDIS_OK) self->sink_->on_failure(context->errstr);
  }

  redisAsyncContext* context_ = nullptr;
  ReplySink* sink_ = nullptr;
};

}  // namespace

std::unique_ptr<Contestant> make_hiredis_async(const Workload&) {
  return std::make_unique<HiredisAsync>();
}

}  // namespace djcache::bench
