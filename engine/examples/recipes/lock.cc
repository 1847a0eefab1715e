// A lock: among all programs that share the server, one at a time makes the report. In Python,
// django-redis's `cache.lock("report")` takes the same lock.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>

using namespace std::chrono_literals;

class Reporter {
 public:
  Reporter(djcache::Cache cache, const char* name)
      // With a ttl, the lock expires even if the program dies.
      : lock_(cache.lock("report", {.ttl = 30s})), name_(name) {}

  void run() {
    lock_.acquire({.blocking_limit = 5s, .retry = 10ms}, [this](djcache::Result<bool> taken) {
      if (!taken.ok()) return complain(taken.error());
      if (!*taken) return (void)std::printf("%s: another one is at work\n", name_);
      std::printf("%s: at work\n", name_);
      lock_.release([this](djcache::Result<bool> released) {
        if (!released.ok()) return complain(released.error());
        if (!*released) std::printf("%s: took longer than the ttl\n", name_);
        done = *released;
      });
    });
  }

  bool done = false;

 private:
  void complain(const djcache::Error& error) {
    std::printf("%s: %s\n", name_, to_string(error).c_str());
  }
  djcache::Lock lock_;
  const char* name_;
};

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});
  bool done = false;
  {
    Reporter first(engine.cache(), "first"), second(engine.cache(), "second");
    first.run();
    second.run();
    uv_run(loop, UV_RUN_DEFAULT);
    done = first.done && second.done;
  }
  engine.disconnect({}, nullptr);
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 && done ? 0 : 1;
}
