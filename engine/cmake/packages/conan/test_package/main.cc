// An entry is set and read on a loop, in a cache without a server; then the loop is empty.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <optional>
#include <string>

int main() {
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {});  // without settings: memory
  djcache::Cache cache = engine.cache("default");
  bool found = false;
  cache.set("greeting", "bonjour", {}, nullptr);
  cache.get<std::string>("greeting", [&](djcache::Result<std::optional<std::string>> got) {
    found = got.ok() && *got == "bonjour";
    engine.disconnect({}, nullptr);
  });
  uv_run(loop, UV_RUN_DEFAULT);
  std::printf("djcache %s: %s\n", djcache::version_string(), found ? "bonjour" : "nothing found");
  return uv_loop_close(loop) == 0 && found ? 0 : 1;
}
