// LoopHost: the two uv handles of an engine besides its sockets: a turn (uv_idle_t) and a timer.
//
// They exist only while there is work; an idle engine has none. The host deletes itself once both
// have closed, so neither the engine nor a callback has to outlive it.
#pragma once

#include <uv.h>

#include <cstdint>

namespace djcache::net {

class LoopHost {
 public:
  class Owner {
   public:
    virtual void host_turn() = 0;  // once per turn of the loop while wanted
    virtual void host_timer() = 0;
    // Both handles are closed; the host is deleted after this.
    virtual void host_closed(LoopHost& host) = 0;

   protected:
    ~Owner() = default;
  };

  // Null if libuv refuses, which does not happen in practice.
  static LoopHost* open(uv_loop_t& loop, Owner& owner);

  // While wanted, the loop does not sleep and host_turn() is called each turn.
  void want_turn(bool wanted);
  bool turn_wanted() const;
  void start_timer(std::uint64_t delay_ms);
  // Whether the timer alone keeps the loop running.
  void keep_loop_alive(bool keep);

  void detach() { owner_ = nullptr; }
  void close();

 private:
  explicit LoopHost(Owner& owner) : owner_(&owner) {}
  ~LoopHost() = default;
  void closed();

  Owner* owner_;
  int open_handles_ = 0;
  uv_idle_t turn_;
  uv_timer_t timer_;
};

}  // namespace djcache::net
