#include "growth/growth.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "growth/callgrind.h"

namespace djcache::bench {

Growth::Growth(std::string server) : server_(std::move(server)) { uv_loop_init(&loop_); }

Growth::~Growth() {
  if (engine_ != nullptr) {
    engine_->disconnect({.mode = DisconnectMode::abort}, {});
    uv_run(&loop_, UV_RUN_DEFAULT);
    engine_.reset();
  }
  kept.clear();
  uv_run(&loop_, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop_) != 0) std::cerr << "something is left on the loop\n";
  if (listener_ >= 0) ::close(listener_);
}

CacheSettings Growth::alias() const {
  CacheSettings settings{.location = {server_}};
  settings.options.command_limit = std::chrono::hours(1);
  settings.options.stall_limit = std::chrono::hours(1);
  settings.options.connect_limit = std::chrono::minutes(5);
  return settings;
}

CacheSettings Growth::silent_alias() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, name, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, name, &size) != 0) {
    fail("no listener");
  }
  CacheSettings settings = alias();
  settings.location = {"redis://127.0.0.1:" + std::to_string(ntohs(address.sin_port))};
  return settings;
}

Engine& Growth::start(Settings settings) {
  engine_ = std::make_unique<Engine>(loop_, std::move(settings));
  if (const auto check = engine_->check(); !check.ok()) fail(check.error().detail);
  return *engine_;
}

void Growth::run_until(const std::function<bool()>& done) {
  while (!failed_ && !done()) {
    if (uv_run(&loop_, UV_RUN_ONCE) == 0 && !done()) fail("the loop has nothing to wait for");
  }
}

void Growth::get(Cache& cache) {
  bool come = false;
  cache.get("key", [&](Result<std::optional<Value>> result) {
    come = true;
    if (!result.ok()) fail(to_string(result.error()));
  });
  run_until([&] { return come; });
}

void Growth::lease(Client& client, std::vector<Lease>& to) {
  bool come = false;
  client.lease({}, [&](Result<Lease> result) {
    come = true;
    result.ok() ? to.push_back(std::move(*result)) : fail(to_string(result.error()));
  });
  run_until([&] { return come; });
}

void Growth::count(std::uint64_t count, const std::function<void()>& operation) {
  for (std::uint64_t i = 0; i < count / 4 + 1; ++i) operation();
  count_together(count, [&] {
    for (std::uint64_t i = 0; i < count; ++i) operation();
  });
}

void Growth::count_together(std::uint64_t operations, const std::function<void()>& all) {
  CALLGRIND_START_INSTRUMENTATION;
  all();
  CALLGRIND_STOP_INSTRUMENTATION;
  counted_ += operations;
}

void Growth::fail(const std::string& why) {
  if (!std::exchange(failed_, true)) std::cerr << "growth: " << why << "\n";
}

}  // namespace djcache::bench
