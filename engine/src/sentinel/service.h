// Service: where the servers of one service are, by what its Sentinels say.
//
// Sentinels are asked in turn; one that knew is asked first the next time. While connections of the
// service exist, up to three Sentinels are listened to: what they say of a switch is a hint, after
// which they are asked again, as they are every ten seconds in any case. Pure but for the callers'
// caches.
#pragma once

#include <djcache/client.h>
#include <djcache/subscriber.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/locator.h"
#include "sentinel/replies.h"

namespace djcache::sentinel {

enum class Role : std::uint8_t { primary, replica };

class Service final : public std::enable_shared_from_this<Service> {
 public:
  struct Surroundings {
    std::function<Client(const Address&)> client;  // of a Sentinel
    std::function<std::uint64_t()> now;            // milliseconds, never going back
    std::function<double()> random;                // 0 to 1
    // The primary is another one now: connections that were made before are to the wrong server.
    std::function<void()> moved;
  };
  static constexpr std::size_t watched_max = 3;
  static constexpr std::uint64_t ask_again_ms = 10'000, answer_ms = 500;

  Service(std::string name, std::vector<Address> sentinels, Surroundings surroundings);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  net::Locator& locator(Role role) { return locators_[static_cast<std::size_t>(role)]; }
  const std::optional<Address>& primary() const { return primary_; }

  // When on_tick() is to be called; UINT64_MAX: never.
  std::uint64_t due() const { return due_; }
  void on_tick(std::uint64_t now);
  // No connections of the service are left: nothing is listened to any more, nor asked for nobody.
  void rest();
  bool watching() const { return !watchers_.empty(); }
  // Somebody waits for an answer.
  bool awaited() const;

 private:
  struct Locator final : net::Locator {
    Locator(Service& of, Role for_role) : service(of), role(for_role) {}
    void locate(Asker& asker) override;
    void forget(Asker& asker) override;
    std::string so_far() const override { return words; }

    Service& service;
    const Role role;
    std::vector<Asker*> askers{};
    bool asking = false;
    std::uint64_t question = 0;    // the last that was put; the answers to others come too late
    std::vector<Address> order{};  // of this question
    std::size_t next = 0;
    std::string words{};  // of those that were asked
  };

  Locator& of(Role role) { return locators_[static_cast<std::size_t>(role)]; }
  void ask(Role role);
  void ask_next(Role role);
  void answered(Role role, std::uint64_t question, const Result<Reply>& reply);
  void found(Role role, const Address& address);
  void tell(Locator& locator, const Address& address);
  void give_up(Locator& locator);
  void watch();

  const std::string name_;
  std::vector<Address> sentinels_;  // the last that knew first
  Surroundings around_;
  std::array<Locator, 2> locators_;
  std::optional<Address> primary_;
  std::vector<Subscriber> watchers_;
  std::uint64_t due_ = UINT64_MAX;
};

}  // namespace djcache::sentinel
