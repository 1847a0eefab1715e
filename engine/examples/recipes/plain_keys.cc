// Unchanged keys and values, for entries that another program stores in redis without Django:
// `get("a")` sends `GET a` and returns the bytes of the reply.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>

djcache::Settings plain(const std::string& url) {
  return {.caches = {{"default",
                      {.location = {url},
                       .key_function = [](std::string_view key, std::string_view,
                                          std::int64_t) { return std::string(key); },
                       .options = {.serializer = djcache::Serializer::raw}}}}};
}

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, plain(url));
  djcache::Cache cache = engine.cache();

  bool same = false;
  cache.client({}).command({"SET", "a", "as it is"}, nullptr);
  cache.get<std::string>("a", [&](djcache::Result<std::optional<std::string>> found) {
    same = found.ok() && *found == "as it is";
    std::puts(found.ok() ? found->value_or("a miss").c_str() : to_string(found.error()).c_str());
    engine.disconnect({}, nullptr);
  });
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 && same ? 0 : 1;
}
