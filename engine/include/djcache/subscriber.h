// Subscriber: messages of redis channels, or the lines of MONITOR, on a connection of their own.
//
//   djcache::Subscriber news = client.subscribe({
//       .channels = {"news"},
//       .on_message = [](const djcache::Message& m) { ... },
//       .on_event = [](const djcache::SubscriberEvent& e) { ... }});
//
// When the connection is lost, on_event is told, and it subscribes again by itself, with the pool's
// backoff: messages that were published in between are gone, as redis' pub/sub has it. It ends when it
// is destroyed, when the pool is disconnected, or when the server refuses it for good. While it lives
// it keeps the loop running.
#pragma once

#include <djcache/export.h>

#include <functional>
#include <optional>

#include <djcache/client.h>

namespace djcache {

struct Message {
  std::string channel;  // of MONITOR: empty
  std::string pattern;  // the one that matched; empty for channels
  std::string payload;
};

struct SubscriberEvent {
  enum class Kind : std::uint8_t {
    // The server has confirmed everything: from now on each message of these channels and patterns
    // arrives. Told after the beginning, after each change (once for changes that overlap) and after
    // each loss.
    subscribed,
    lost,   // the connection is gone (`error`); it connects and subscribes again
    ended,  // for good (`error`: disconnected, permission_denied, ...); the last event
  };
  Kind kind{};
  std::optional<Error> error{};  // of `lost` and `ended`
};

// Both run on the loop and may do anything, also destroy the subscriber or the engine.
struct SubscriberOptions {
  std::vector<std::string> channels{};
  std::vector<std::string> patterns{};  // globs of channels
  std::function<void(const Message&)> on_message{};
  std::function<void(const SubscriberEvent&)> on_event{};
  // A silent connection is asked for a sign of life so often. MONITOR's is not.
  std::chrono::milliseconds check_every{30'000};
};

namespace detail {
class Listener;
}

// Not copied. Destroyed, it unsubscribes by closing its connection; nothing is told any more. One that
// was moved from does nothing, and counts as ended.
class DJCACHE_API Subscriber {
 public:
  Subscriber(Subscriber&&) noexcept = default;
  Subscriber& operator=(Subscriber&&) noexcept;
  ~Subscriber();

  // More or fewer of them; kept for later connections, too. Not subscribed() until the server has
  // confirmed it, which on_event is told. Not for MONITOR.
  void subscribe(KeyList channels);
  void unsubscribe(KeyList channels);
  void psubscribe(KeyList patterns);
  void punsubscribe(KeyList patterns);

  // The server has confirmed everything that was asked for, and the connection was not lost since.
  bool subscribed() const;
  bool ended() const;

 private:
  friend class Client;
  explicit Subscriber(std::shared_ptr<detail::Listener> listener)
      : listener_(std::move(listener)) {}
  std::shared_ptr<detail::Listener> listener_;
};

}  // namespace djcache
