// The gateway as a program: djcache_gateway [port [caches.json]]
//
// caches.json is Django's CACHES as json.dumps(settings.CACHES) writes it; its alias "default"
// holds the sessions. Without it: the server of DJCACHE_EXAMPLE_URL, or redis://127.0.0.1:6379.
// SIGTERM or SIGINT shuts it down gracefully. Exit code 0 if no handle was left on the loop.
#include <uv.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "gateway.h"

namespace {

djcache::Result<djcache::Settings> settings(int argc, char** argv) {
  if (argc > 2) return djcache::Settings::from_json_file(argv[2]);
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  return djcache::Settings{.caches = {{"default", {.location = {url}}}}};
}

// Graceful shutdown: accepts no more connections, disconnects the cache once its pending operations
// are done, then closes everything.
struct Ending {
  gateway::Gateway& gateway;
  djcache::Engine& engine;
  uv_signal_t signals[2]{};
  bool begun = false;

  void watch(uv_loop_t* loop) {
    const int numbers[] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; ++i) {
      uv_signal_init(loop, &signals[i]);
      signals[i].data = this;
      uv_signal_start(
          &signals[i],
          [](uv_signal_t* signal, int) { static_cast<Ending*>(signal->data)->begin(); },
          numbers[i]);
    }
  }
  void begin() {
    if (begun) return;
    begun = true;
    gateway.close_politely();
    engine.disconnect({}, [this](djcache::DisconnectReport) {
      gateway.close_now();
      for (uv_signal_t& each : signals) uv_close(reinterpret_cast<uv_handle_t*>(&each), nullptr);
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  auto caches = settings(argc, argv);
  if (!caches.ok()) {
    std::fprintf(stderr, "gateway: %s\n", to_string(caches.error()).c_str());
    return 2;
  }
  const int port = argc > 1 ? std::atoi(argv[1]) : 8001;
  if (port < 0 || port > 65535) {
    std::fprintf(stderr, "gateway: %s is no port\n", argv[1]);
    return 2;
  }
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, *std::move(caches));
  if (const auto checked = engine.check(); !checked.ok()) {
    std::fprintf(stderr, "gateway: %s\n", to_string(checked.error()).c_str());
    return 2;
  }
  gateway::Gateway gateway(*loop, engine.cache(), {.port = static_cast<std::uint16_t>(port)});
  if (const int error = gateway.listen(); error != 0) {
    std::fprintf(stderr, "gateway: cannot listen: %s\n", uv_strerror(error));
    return 1;
  }
  Ending ending{gateway, engine};
  ending.watch(loop);
  std::printf("listening on http://127.0.0.1:%d\n", gateway.port());
  std::fflush(stdout);

  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 ? 0 : 1;
}
