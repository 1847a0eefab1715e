// Fleet: the servers of a seed: one; or a service of three whose primary changes, and the three
// Sentinels that watch it.
//
// A primary that is replaced says OK until it is demoted, which ends its connections. Each Sentinel
// learns of a switch in its own time: until then it names the old primary. All but the leader
// publish it at once, the leader later: then what it publishes may be outdated.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "simulation/plan.h"
#include "simulation/server.h"

namespace djcache::simulation {

// The connections to a host.
class Wires {
 public:
  virtual void end_all(unsigned host) = 0;
  virtual void publish(unsigned host, std::string_view bytes) = 0;  // to those that listen

 protected:
  ~Wires() = default;
};

class Fleet {
 public:
  Fleet(World& world, Truth& truth);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  void reset(const Plan& plan);
  void happen(const Event& event, Wires& wires);  // failover

  static bool is_sentinel(unsigned host) { return host - first_sentinel < 3; }
  bool is_there(unsigned host) const { return host != 9; }
  bool is_dead(unsigned host) const;
  Server& at(unsigned host);
  // Its host.
  unsigned primary() const { return service_ ? first_of_service + primary_ : lone_server; }

 private:
  // What happens in a failover, in this order but for the times of the Sentinels.
  enum What : std::uint32_t {
    dies,
    promotes,
    learns,
    publishes = learns + 3,
    ends = publishes + 3
  };
  struct Switch {
    unsigned from = 0, to = 0;
    bool under_way = false;
  };
  class Sentinel final : public Oracle {
   public:
    Sentinel(Fleet& of, World& world, Truth& truth) : fleet(of), server(world, truth, this) {}
    void answer(const Arguments& words, Session& session, std::string& out) override;

    Fleet& fleet;
    Server server;
    unsigned index = 0;
    unsigned view = 0;           // the primary it names
    std::uint32_t switches = 0;  // that it knows of
  };

  void promote(std::uint32_t number);
  void publish(std::uint32_t number, unsigned sentinel, Wires& wires);
  void end(std::uint32_t number, Wires& wires);
  void name_primary(const Sentinel& sentinel, std::string& out);

  World& world_;
  Truth& truth_;
  const Plan* plan_ = nullptr;
  bool service_ = false;
  Server lone_;
  std::array<Server, 3> servers_;
  std::array<bool, 3> dead_{};
  std::array<Sentinel, 3> sentinels_;
  std::array<Switch, 2> switches_{};
  unsigned primary_ = 0;
  unsigned told_last_ = 0;  // by any Sentinel
};

}  // namespace djcache::simulation
