// The README's program: set and get on a loop, then disconnect. Takes the server's URL, or
// DJCACHE_EXAMPLE_URL. A test checks that the code below equals the README's block.

#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  const char* url = argc > 1 ? argv[1] : std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});
  djcache::Cache cache = engine.cache("default");
  bool ok = false;

  cache.set("greeting", "bonjour", {.ttl = 300s}, nullptr);  // the result does not matter
  cache.get<std::string>("greeting", [&](djcache::Result<std::optional<std::string>> found) {
    ok = found.ok() && *found == "bonjour";
    std::puts(found.ok() ? found->value_or("a miss").c_str() : to_string(found.error()).c_str());
    engine.disconnect({}, nullptr);  // otherwise the sockets stay open, and uv_loop_close fails
  });

  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 && ok ? 0 : 1;  // 0: no handle is left
}
