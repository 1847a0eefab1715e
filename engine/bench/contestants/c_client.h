// A C client with an asynchronous context and a libuv adapter: hiredis and its fork libvalkey. Uses
// the fastest settings: argument vectors instead of format strings, and a reader that keeps its
// buffer. `Api` maps the library's names.
#pragma once

#include <string>

#include "contestants/contestant.h"

namespace djcache::bench {

template <class Api>
class CClient final : public Contestant {
 public:
  std::string open(uv_loop_t& loop, const Endpoint& endpoint, ReplySink& sink) override {
    sink_ = &sink;
    context_ = Api::connect(endpoint.host.c_str(), endpoint.port);
    if (context_ == nullptr || context_->err != 0) return named("cannot connect");
    context_->data = this;
    // Otherwise the reader frees its buffer whenever more than 16 KiB are unused.
    context_->c.reader->maxbuf = 0;
    Api::on_disconnect(context_, &CClient::disconnected);
    return Api::attach(context_, &loop) == 0 ? "" : named("cannot attach");
  }

  void get(std::uint32_t slot, const Key& key) override {
    const char* arguments[] = {"GET", key.made.data()};
    const std::size_t lengths[] = {3, key.made.size()};
    issue(&CClient::got, slot, 2, arguments, lengths);
  }

  void set(std::uint32_t slot, const Key& key, std::string_view value) override {
    const char* arguments[] = {"SET", key.made.data(), value.data(), "EX", "300"};
    const std::size_t lengths[] = {3, key.made.size(), value.size(), 2, 3};
    issue(&CClient::stored, slot, 5, arguments, lengths);
  }

  void close() override {
    if (context_ != nullptr) Api::disconnect(context_);
  }

 private:
  using Context = typename Api::Context;
  using Reply = typename Api::Reply;

  static std::string named(const char* problem) { return std::string(Api::name) + " " + problem; }

  void issue(typename Api::Callback* done, std::uint32_t slot, int count, const char** arguments,
             const std::size_t* lengths) {
    void* tag = reinterpret_cast<void*>(static_cast<std::uintptr_t>(slot));
    if (Api::command(context_, done, tag, count, arguments, lengths) != 0) {
      sink_->on_failure(named("refuses a command"));
    }
  }

  static ReplySink& sink_of(Context* context) {
    return *static_cast<CClient*>(context->data)->sink_;
  }
  static std::uint32_t slot_of(void* tag) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(tag));
  }

  static void got(Context* context, void* raw, void* tag) {
    const auto* reply = static_cast<const Reply*>(raw);
    if (reply == nullptr || reply->type != Api::string) {
      sink_of(context).on_failure(named("has no string for a GET"));
      return;
    }
    sink_of(context).on_value(slot_of(tag), {reply->str, static_cast<std::size_t>(reply->len)});
  }

  static void stored(Context* context, void* raw, void* tag) {
    const auto* reply = static_cast<const Reply*>(raw);
    if (reply == nullptr || reply->type != Api::status) {
      sink_of(context).on_failure(named("has no status for a SET"));
      return;
    }
    sink_of(context).on_stored(slot_of(tag));
  }

  static void disconnected(const Context* context, int status) {
    auto* self = static_cast<CClient*>(context->data);
    self->context_ = nullptr;
    if (status != 0) self->sink_->on_failure(context->errstr);
  }

  Context* context_ = nullptr;
  ReplySink* sink_ = nullptr;
};

}  // namespace djcache::bench
