// Planted bugs: mistakes that the simulator must find (engine/docs/reliability.md). None is in the library:
// a program of simulation/ compiles the files that name them once more, with DJCACHE_PLANTS.
#pragma once

#include <string_view>

namespace djcache {

class Call;
namespace link {
class Connection;
}

enum class Plant {
  slot_removed_on_cancel,      // instead of leaving a tombstone
  callback_before_poison,      // replies are handed out although something was in doubt
  no_tombstone_on_timeout,     // the slot goes with its caller
  reply_after_reconnect,       // bytes of the old connection are read with those of the new one
  double_completion_on_abort,  // an operation that is aborted ends twice
  part_is_unsolicited,      // what answers an operation before its last byte was sent is nobody's
  order_lost_over_restart,  // what is sent again goes behind what was not sent yet
  barrier_lets_one_through  // a command is sent behind one that must be alone in flight
};

// What they do; defined in simulation/ only.
struct Planted {
  static inline Plant which{};
  static void cancelled(Call& call);
  static void give_places_away(link::Connection& connection);
  static bool postpone_poison(link::Connection& connection, std::string_view reason);
  static bool poison_now(link::Connection& connection);
  static void complete_twice(link::Connection& connection);
  static void send_again_last(link::Connection& connection);
};

}  // namespace djcache

#ifdef DJCACHE_PLANTS
#define DJCACHE_PLANTED(name) (::djcache::Planted::which == ::djcache::Plant::name)
#else
#define DJCACHE_PLANTED(name) false
#endif
