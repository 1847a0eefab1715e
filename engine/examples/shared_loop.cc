// A loop that djcache shares with other work: a timer, and an echo service with its client.
//
// Shows which handles djcache adds to the loop, and when it removes them: none before the first
// operation, three while connected, none after disconnect. The other work continues meanwhile.
// Exit code 0 if that is what happened.
#include <djcache/djcache.h>
#include <djcache/harness/handle_census.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using djcache::harness::HandleInfo;

template <class Handle>
uv_handle_t* as_handle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}
template <class Handle>
uv_stream_t* as_stream(Handle* handle) {
  return reinterpret_cast<uv_stream_t*>(handle);
}

// The program's own work, which does not use djcache.
class EchoWork {
 public:
  // `on_echo` runs each time a message is echoed.
  EchoWork(uv_loop_t& loop, void (*on_echo)(void*), void* context)
      : on_echo_(on_echo), context_(context) {
    uv_timer_init(&loop, &clock_);
    uv_timer_start(
        &clock_, [](uv_timer_t* timer) { ++static_cast<EchoWork*>(timer->data)->ticks_; }, 0, 1);
    for (uv_tcp_t* each : {&listener_, &peer_, &client_}) uv_tcp_init(&loop, each);
    for (uv_handle_t* each : handles()) each->data = this;
    sockaddr_in address;
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_bind(&listener_, reinterpret_cast<sockaddr*>(&address), 0);
    uv_listen(as_stream(&listener_), 1, [](uv_stream_t* listener, int) {
      auto* self = static_cast<EchoWork*>(listener->data);
      uv_accept(listener, as_stream(&self->peer_));
      self->read(self->peer_, [](uv_stream_t* stream, ssize_t size, const uv_buf_t* bytes) {
        if (size > 0) send(stream, bytes->base, static_cast<unsigned>(size));
      });
    });
    int length = sizeof address;
    uv_tcp_getsockname(&listener_, reinterpret_cast<sockaddr*>(&address), &length);
    uv_tcp_connect(
        &connect_, &client_, reinterpret_cast<sockaddr*>(&address), [](uv_connect_t* request, int) {
          auto* self = static_cast<EchoWork*>(request->handle->data);
          self->read(self->client_, [](uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
            auto* work = static_cast<EchoWork*>(stream->data);
            if (size > 0) work->on_echo_(work->context_);
          });
          self->say_hello();
        });
  }

  void say_hello() { send(as_stream(&client_), "hello", 5); }
  void close() {
    for (uv_handle_t* each : handles()) uv_close(each, nullptr);
  }
  unsigned ticks() const { return ticks_; }

 private:
  std::vector<uv_handle_t*> handles() {
    return {as_handle(&clock_), as_handle(&listener_), as_handle(&peer_), as_handle(&client_)};
  }
  void read(uv_tcp_t& stream, uv_read_cb on_bytes) {
    const auto space = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
      *buffer = uv_buf_init(static_cast<EchoWork*>(handle->data)->bytes_, sizeof bytes_);
    };
    uv_read_start(as_stream(&stream), space, on_bytes);
  }
  static void send(uv_stream_t* stream, const char* text, unsigned size) {
    const uv_buf_t bytes = uv_buf_init(const_cast<char*>(text), size);
    uv_try_write(stream, &bytes, 1);
  }

  void (*on_echo_)(void*);
  void* context_;
  unsigned ticks_ = 0;
  uv_timer_t clock_;
  uv_tcp_t listener_, peer_, client_;
  uv_connect_t connect_;
  char bytes_[64];
};

class Program {
 public:
  explicit Program(const std::string& url)
      : work_(
            loop_, [](void* self) { static_cast<Program*>(self)->echoed(); }, this),
        engine_(loop_, {.caches = {{"default", {.location = {url}}}}}) {}

  bool run() {
    before_ = djcache::harness::census(loop_);
    tell("before the first operation");
    cache_.set("echoes", 0, nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    std::printf("%u ticks of our own timer meanwhile; uv_loop_close: ", work_.ticks());
    const int closed = uv_loop_close(&loop_);
    std::printf("%d\n", closed);
    return good_ && closed == 0;
  }

 private:
  struct Loop : uv_loop_t {
    Loop() { uv_loop_init(this); }
  };
  static constexpr std::int64_t enough = 100;

  // Counts each echo in the cache before the next message is sent.
  void echoed() {
    cache_.incr("echoes", [this](djcache::Result<std::int64_t> count) {
      if (!count.ok()) std::printf("incr: %s\n", to_string(count.error()).c_str());
      if (count.ok() && *count < enough) return work_.say_hello();
      good_ = count.ok();
      expect_handles(3, "while connected");
      engine_.disconnect({}, [this](djcache::DisconnectReport) { disconnected(); });
    });
  }

  void disconnected() {
    expect_handles(0, "after disconnect");
    // The engine is still usable: the next operation connects again.
    cache_.get<std::int64_t>("echoes", [this](djcache::Result<std::optional<std::int64_t>> count) {
      good_ = good_ && count.ok() && *count == enough;
      expect_handles(3, "connected again");
      engine_.disconnect({}, [this](djcache::DisconnectReport) {
        expect_handles(0, "after disconnect");
        work_.close();
      });
    });
  }

  void expect_handles(std::size_t ours, const char* when) {
    const auto now = djcache::harness::diff(before_, djcache::harness::census(loop_));
    good_ = good_ && now.added.size() == ours && now.gone.empty();
    tell(when);
  }

  void tell(const char* when) {
    const auto now = djcache::harness::diff(before_, djcache::harness::census(loop_));
    std::printf("%-28s the program's %zu handles, djcache's %zu%s\n", when, before_.size(),
                now.added.size(), names(now.added).c_str());
  }

  static std::string names(const std::vector<HandleInfo>& handles) {
    std::string text;
    for (const HandleInfo& each : handles) text += (text.empty() ? ": " : ", ") + each.type;
    return text;
  }

  Loop loop_;
  EchoWork work_;
  djcache::Engine engine_;
  djcache::Cache cache_ = engine_.cache();
  std::vector<HandleInfo> before_;
  bool good_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const char* url = argc > 1 ? argv[1] : std::getenv("DJCACHE_EXAMPLE_URL");
  Program program(url != nullptr ? url : "redis://127.0.0.1:6379");
  return program.run() ? 0 : 1;
}
