// Listener: the inside of a Subscriber: a leased connection that listens, subscribed anew after
// every loss.
//
// Pure. Shared by the Subscriber and by the frames that run its callbacks.
#pragma once

#include <djcache/subscriber.h>

#include <memory>
#include <set>
#include <string>

#include "client/exchange.h"

namespace djcache::detail {

class Listener final : public link::Tenant, public std::enable_shared_from_this<Listener> {
 public:
  enum class What : std::uint8_t { channels, everything };

  Listener(std::shared_ptr<Alias> alias, SubscriberOptions options, std::string place);
  ~Listener() { stop(); }

  // `pool` is null for aliases without a server.
  void start(link::Pool* pool, What what);
  // Ends all reports. Needs no memory.
  void stop() noexcept;
  void change(const char* word, const KeyList& names, bool patterns, bool wanted);
  bool subscribed() const { return subscribed_; }
  bool ended() const { return ended_; }

 private:
  class Stay;
  class Confirmation;

  void on_push(const resp::Reply& reply) override;
  void on_loss(const Error& error) override;
  void on_retired() noexcept override;
  void on_gone() override { connection_ = nullptr; }
  std::string place() const override { return place_; }

  void subscribe_to_all();
  void ping();
  void send(std::string_view bytes, std::size_t replies);
  void confirmed(const Error* error);
  bool is_there(const Error& error) const;
  void ask_again(bool at_once);
  void lost(const Error& error);
  void check();
  void end(Error error) noexcept;
  void finished();
  void let_go();
  void tell(SubscriberEvent event);
  bool working() const { return !ended_ && connection_ != nullptr && cache::usable(*alias_); }

  std::shared_ptr<Alias> alias_;
  SubscriberOptions options_;
  std::string place_;
  What what_ = What::channels;
  link::Pool* pool_ = nullptr;
  link::Connection* connection_ = nullptr;
  std::set<std::string> channels_, patterns_;
  Ticket stay_;  // keeps the loop running and watches the connection
  std::size_t unconfirmed_ = 0;
  bool subscribed_ = false;  // everything is confirmed
  bool ask_again_ = false;   // for everything, once no confirmation is pending
  bool told_lost_ = false;
  bool ending_ = false;
  bool ended_ = false;
  Error why_ended_;
};

}  // namespace djcache::detail
