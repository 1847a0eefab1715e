// Counts visits in a Django session, from the Cookie header of a request to the Set-Cookie header
// of the response.
#include <djcache/cookie.h>
#include <djcache/djcache.h>
#include <djcache/session.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

using djcache::Result;
using djcache::SessionLoad;

// Counts a visit in the session of a Cookie header, and calls `done` with the Set-Cookie header of
// the response. It is "" if the session could not be loaded or saved; do not log the user out then.
void count_visit(djcache::Cache sessions, const std::string& cookie_header,
                 djcache::UniqueFunction<void(std::int64_t visits, std::string set_cookie)> done) {
  const auto key = djcache::session_key_from_cookie(cookie_header);
  // Its callbacks keep it alive.
  auto store = std::make_shared<djcache::SessionStore>(sessions, key.value_or(""));
  store->load([store, done = std::move(done)](Result<SessionLoad> loaded) mutable {
    if (!loaded.ok()) return done(0, "");
    const djcache::Value* before = store->session().get("visits");
    const std::int64_t visits = (before ? before->as_int().value_or(0) : 0) + 1;
    store->session().set("visits", visits);
    store->save([store, visits, done = std::move(done)](Result<void> saved) mutable {
      const djcache::Session& session = store->session();
      const Result<std::int64_t> age = session.get_expiry_age();
      if (!saved.ok() || !age.ok()) return done(visits, "");
      const auto header = djcache::set_session_cookie(
          {}, *session.session_key(),
          session.get_expire_at_browser_close() ? std::nullopt : std::optional(*age));
      done(visits, header.ok() ? *header : "");
    });
  });
}

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});

  std::int64_t seen = 0;
  count_visit(engine.cache(), "", [&](std::int64_t first, std::string set_cookie) {
    std::printf("visit %lld\n", static_cast<long long>(first));
    const std::string cookie =
        set_cookie.substr(0, set_cookie.find(';'));  // what a browser sends back
    count_visit(engine.cache(), cookie, [&](std::int64_t second, std::string) {
      std::printf("visit %lld\n", static_cast<long long>(second));
      seen = second;
      engine.disconnect({}, nullptr);
    });
  });
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 && seen == 2 ? 0 : 1;
}
