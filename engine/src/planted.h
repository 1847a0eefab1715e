// Planted bugs: mistakes that the simulator must find (engine/docs/reliability.md). The library has
// none of them: a program of simulation/ compiles the files that mention them once more, with
// DJCACHE_PLANTS.
#pragma once

#include <djcache/sentinel.h>

#include <optional>
#include <string_view>

namespace djcache {

class Call;
namespace link {
class Connection;
}

enum class Plant {
  slot_removed_on_cancel,         // instead of leaving a tombstone
  callback_before_poison,         // replies are handed out although the pipeline is in doubt
  no_tombstone_on_timeout,        // the slot is removed with its caller
  reply_after_reconnect,          // bytes of the old connection are read as those of the new one
  double_completion_on_abort,     // an aborted operation ends twice
  part_is_unsolicited,            // early replies to an operation are not taken as its own
  order_lost_over_restart,        // operations sent again go behind unsent ones
  barrier_lets_one_through,       // a command is sent behind one that must be alone in flight
  no_name_check_for_addresses,    // any certificate will do where an address was dialed
  plaintext_kept_over_reconnect,  // plaintext of the old connection is read as the new one's
  role_not_asked,                 // a server that Sentinels name is taken for the primary
  push_trusted_without_asking     // a switch that is published is followed without a question
};

// Whether a bug is active; defined in simulation/ only.
struct Planted {
  static inline Plant which{};
  static void cancelled(Call& call);
  static void give_places_away(link::Connection& connection);
  static bool postpone_poison(link::Connection& connection, std::string_view reason);
  static bool poison_now(link::Connection& connection);
  static void complete_twice(link::Connection& connection);
  static void send_again_last(link::Connection& connection);
  static bool is_address(std::string_view host);
  // What the transport of a descriptor gives only with the next read.
  static std::size_t keep_half(int descriptor, const char* plaintext, std::size_t size);
  static std::size_t take_kept(int descriptor, char* to);
  static bool keeps(int descriptor);
  static std::optional<SentinelOptions::Address> named_in(std::string_view push);
  static void forget();  // between seeds
};

}  // namespace djcache

#ifdef DJCACHE_PLANTS
#define DJCACHE_PLANTED(name) (::djcache::Planted::which == ::djcache::Plant::name)
#else
#define DJCACHE_PLANTED(name) false
#endif
