/// @file
/// Subscriber: messages of redis channels, or the lines of MONITOR, on a connection of its own.
#pragma once

#include <djcache/export.h>

#include <functional>
#include <optional>

#include <djcache/client.h>

namespace djcache {

/// A message of a channel, or a line of MONITOR.
struct Message {
  std::string channel;  ///< empty for MONITOR
  std::string pattern;  ///< the pattern that matched; empty for a channel subscribed to by name
  std::string payload;  ///< any bytes
};

/// A change in the state of a subscription.
struct SubscriberEvent {
  /// What happened.
  enum class Kind : std::uint8_t {
    /// The server has confirmed the whole subscription: from now on every message of these channels
    /// and patterns arrives. Reported at the beginning, after each change (once for changes that
    /// overlap) and after each loss.
    subscribed,
    lost,   ///< the connection is lost; the subscriber reconnects and subscribes again by itself
    ended,  ///< permanently: disconnected, forbidden by the server, no server. The last event
  };
  Kind kind{};                   ///< what happened
  std::optional<Error> error{};  ///< why; of `lost` and `ended` only
};

/// Options of Client::subscribe() and Client::monitor(). Both functions run on the loop thread,
/// never inside a call, and may do anything, including destroying the subscriber or the engine.
struct SubscriberOptions {
  std::vector<std::string> channels{};                     ///< names of channels
  std::vector<std::string> patterns{};                     ///< globs of channels
  std::function<void(const Message&)> on_message{};        ///< each message
  std::function<void(const SubscriberEvent&)> on_event{};  ///< state of the subscription

  /// A connection that has been silent for this long is sent a PING, and abandoned if it stays
  /// silent. Does not apply to MONITOR.
  std::chrono::milliseconds check_every{30'000};
  /// False: the loop may end although the subscriber is listening.
  bool keep_loop_running = true;
};

namespace detail {
class Listener;
}

/// A subscription that survives lost connections. Made by Client::subscribe() or Client::monitor().
///
/// @code
/// djcache::Subscriber news = client.subscribe({
///     .channels = {"news"},
///     .on_message = [](const djcache::Message& m) { ... },
///     .on_event = [](const djcache::SubscriberEvent& e) { ... }});
/// @endcode
///
/// When the connection is lost, on_event is called, and the subscriber subscribes again by itself,
/// with the pool's backoff; messages published in between are lost, as always with redis' pub/sub.
/// The subscriber ends when it is destroyed, when the pool is disconnected, or when the server
/// refuses it permanently. Until then it keeps the loop running (see keep_loop_running).
///
/// Not copyable. Destroying it closes its connection, without further reports. A moved-from
/// subscriber does nothing and counts as ended.
class DJCACHE_API Subscriber {
 public:
  Subscriber(Subscriber&&) noexcept = default;
  Subscriber& operator=(Subscriber&&) noexcept;
  ~Subscriber();

  /// Adds channels, also for later connections. subscribed() is false until the server has
  /// confirmed the change, which on_event reports. Has no effect for MONITOR; the same holds for
  /// the three functions below.
  void subscribe(KeyList channels);
  /// Removes channels.
  void unsubscribe(KeyList channels);
  /// Adds patterns.
  void psubscribe(KeyList patterns);
  /// Removes patterns.
  void punsubscribe(KeyList patterns);

  /// Whether the server has confirmed all requested changes, and the connection has not been lost
  /// since.
  bool subscribed() const;
  /// Whether it has ended permanently.
  bool ended() const;

 private:
  friend class Client;
  explicit Subscriber(std::shared_ptr<detail::Listener> listener)
      : listener_(std::move(listener)) {}
  std::shared_ptr<detail::Listener> listener_;
};

}  // namespace djcache
