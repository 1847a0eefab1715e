// The program that each consumer builds: makes a value, and an engine that opens no connection,
// disconnects and leaves its loop empty.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <string>
#include <utility>

int main() {
  uv_loop_t loop;
  uv_loop_init(&loop);
  {
    djcache::Settings settings;
    settings.caches["default"].location = {"redis://127.0.0.1:6379/1"};
    djcache::Engine engine(loop, std::move(settings));
    engine.disconnect({}, [](djcache::DisconnectReport) {});
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_run(&loop, UV_RUN_DEFAULT);

  const std::string text = djcache::to_string(djcache::Value::list({1, "two"}));
  std::printf("djcache %s: %s\n", djcache::version_string(), text.c_str());
  return uv_loop_close(&loop) == 0 && text == "[1, 'two']" ? 0 : 1;
}
