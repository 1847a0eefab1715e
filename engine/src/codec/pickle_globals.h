// The allow-list: every class and function that a pickle may name. What each does is in
// pickle_construct.cc; nothing else can be named, so nothing else can happen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace djcache::codec::pickle {

enum class Global : std::uint8_t {
  // Containers and bytes.
  ordered_dict,
  default_dict,
  counter,
  deque,
  set,
  frozenset,
  bytes,
  bytearray,
  codecs_encode,  // _codecs.encode(str, "latin1"): bytes before protocol 3
  // datetime.
  datetime,
  date,
  time,
  timedelta,
  timezone,
  zone_info,
  getattr,             // of zoneinfo.ZoneInfo and "_unpickle", nothing else
  zone_info_unpickle,  // what that gives
  pytz_utc,
  pytz_zone,
  pytz_fixed,
  // Numbers and names.
  decimal,
  uuid,
  reconstructor,  // copyreg._reconstructor: objects before protocol 2
  object,
  // Django.
  safe_string,
  lazy_proxy,
  gettext,
  pgettext,
  // Named as the factory of a defaultdict or the type of a lazy string; never called.
  other_type,
  str,
  // Not a name at all: an empty place in the memo.
  none,
};

// Global::none when it is not on the list.
Global find_global(std::string_view module, std::string_view name);
// "datetime.datetime", for errors.
std::string name_of(Global global);

}  // namespace djcache::codec::pickle
