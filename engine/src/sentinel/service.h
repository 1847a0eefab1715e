// Service: where the servers of one service are, according to its Sentinels.
//
// Sentinels are asked in turn; the last that knew is asked first. The configured ones introduce
// others, which are asked after them. While connections of the service exist, up to three Sentinels
// are listened to: what they publish about a switch is a hint, after which they are asked again, as
// they are every ten seconds in any case. Pure except for the Sentinels' caches.
//
// When memory runs out, a function throws, and the next question can be asked nevertheless. The
// callers that were waiting for an answer are then ended by their connections.
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
    std::function<std::uint64_t()> now;            // milliseconds, never decreasing
    std::function<double()> random;                // 0 to 1
    // Connections made before are to the wrong server: those to the replicas, or, if the primary
    // moved, all.
    std::function<void(Role)> moved;
  };
  static constexpr std::size_t watched_max = 3;
  // Over the life of an engine: a connection pool is made for each and never removed.
  static constexpr std::size_t learned_max = 16;
  static constexpr std::uint64_t ask_again_ms = 10'000, answer_ms = 500;
  // While a connection looks for a primary that is lost, the Sentinels are asked more often.
  static constexpr std::uint64_t search_every_ms = 100, search_ms = 2'000;

  Service(std::string name, std::vector<Address> sentinels, Surroundings surroundings);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  net::Locator& locator(Role role) { return locators_[static_cast<std::size_t>(role)]; }
  const std::optional<Address>& primary() const { return primary_; }
  // In the order of the next question.
  const std::vector<Address>& sentinels() const { return sentinels_; }

  // When on_tick() is to be called; UINT64_MAX: never.
  std::uint64_t due() const { return due_; }
  void on_tick(std::uint64_t now);
  // No connections of the service are left: stops listening, and forgets questions without callers.
  void rest() noexcept;
  bool watching() const { return !watchers_.empty(); }
  // A caller waits for an answer.
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
  struct Watcher {
    Address sentinel;
    Subscriber subscriber;
  };

  Locator& of(Role role) { return locators_[static_cast<std::size_t>(role)]; }
  void ask(Role role);
  void ask_next(Role role);
  void answered(Role role, std::uint64_t question, const Result<Reply>& reply);
  void note_refusal(Locator& locator, const Result<Reply>& reply) const;
  void read_from_primary();
  void found(Role role, Address address);
  void check_replicas(const std::vector<Address>& able);
  void tell(Locator& locator, const Address& address);
  void give_up(Locator& locator);
  void search(std::uint64_t now);
  void expect_next(std::uint64_t now);
  void watch();
  Subscriber listen_to(const Address& sentinel);
  void hear(std::string_view message, const Address& from);
  void ask_first(std::vector<Address>::iterator sentinel);
  void leave_silent_watchers();
  bool is_watched(const Address& sentinel) const;
  void learn(const Address& from);
  void add(const std::vector<Address>& sentinels);

  const std::string name_;
  std::vector<Address> sentinels_;  // the last that knew first
  std::size_t learned_ = 0;         // how many of them are not configured
  Surroundings around_;
  std::array<Locator, 2> locators_;
  std::optional<Address> primary_;
  std::vector<Address> reading_from_;  // replicas that connections were sent to
  std::vector<Watcher> watchers_;
  std::uint64_t due_ = UINT64_MAX;
  std::uint64_t learn_at_ = 0;      // not earlier
  std::uint64_t search_until_ = 0;  // in the past: no search
  std::uint64_t search_from_ = 0;   // not earlier
};

}  // namespace djcache::sentinel
