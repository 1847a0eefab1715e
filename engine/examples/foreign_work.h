// The work that the examples of foreign loops do with their engine: set, get, disconnect.
#pragma once

#include <djcache/djcache.h>

#include <cstdio>
#include <cstdlib>
#include <string>

inline djcache::Settings example_settings(int argc, char** argv) {
  const char* url = argc > 1 ? argv[1] : std::getenv("DJCACHE_EXAMPLE_URL");
  return {.caches = {{"default", {.location = {url != nullptr ? url : "redis://127.0.0.1:6379"}}}}};
}

// Called by a timer of the foreign loop. Sets `ok` if the stored value is read back. The disconnect
// at the end also closes the poster, and with it the last handle.
inline void set_and_get(djcache::Engine& engine, bool& ok) {
  djcache::Cache cache = engine.cache("default");
  cache.set("greeting", "bonjour", nullptr);
  cache.get<std::string>(
      "greeting", [&engine, &ok](djcache::Result<std::optional<std::string>> found) {
        ok = found.ok() && *found == "bonjour";
        std::puts(ok ? "bonjour" : found.ok() ? "no greeting" : to_string(found.error()).c_str());
        engine.disconnect({}, [](djcache::DisconnectReport report) {
          std::printf("%zu connection closed\n", report.connections);
        });
      });
}
