// A subscriber: receives the messages of a channel once its subscription is confirmed.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});
  djcache::Client client = engine.cache().client({});

  int received = 0;
  std::optional<djcache::Subscriber> news;
  news = client.subscribe({
      .channels = {"news"},
      .on_message =
          [&](const djcache::Message& message) {
            std::printf("%s: %s\n", message.channel.c_str(), message.payload.c_str());
            ++received;
            news.reset();  // a subscriber keeps the loop running
            engine.disconnect({}, nullptr);
          },
      .on_event =
          [&](const djcache::SubscriberEvent& event) {
            using Kind = djcache::SubscriberEvent::Kind;
            if (event.kind == Kind::subscribed) {  // from now on no message is missed
              client.command({"PUBLISH", "news", "bonjour"}, nullptr);
            } else {  // lost: the subscriber resubscribes by itself; ended: it does not
              std::printf("%s: %s\n", event.kind == Kind::lost ? "lost" : "ended",
                          to_string(*event.error).c_str());
            }
          },
  });

  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 && received == 1 ? 0 : 1;
}
