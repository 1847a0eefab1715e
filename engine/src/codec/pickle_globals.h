// The allow-list: every class and function that a pickle may name. What each does is in
// pickle_construct.cc; nothing else can be named, so nothing else can happen.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace djcache::codec::pickle {

enum class Global : std::uint8_t {
  // Containers and bytes.
  list,
  tuple,
  dict,
  ordered_dict,
  default_dict,
  counter,
  deque,
  set,
  frozenset,
  range,
  str,
  bytes,
  bytearray,
  codecs_encode,  // _codecs.encode(str, "latin1"): bytes before protocol 3
  // datetime.
  datetime,
  date,
  time,
  timedelta,
  timezone,
  tzinfo,  // the base that protocols 0 and 1 name beside the zones of dateutil
  zone_info,
  getattr,             // of zoneinfo.ZoneInfo and "_unpickle", nothing else
  zone_info_unpickle,  // what that gives
  pytz_utc,
  pytz_zone,
  pytz_fixed,
  dateutil_utc,
  dateutil_offset,
  // Numbers and names.
  integer,
  real,
  boolean,
  complex,
  decimal,
  fraction,
  uuid,
  numpy_scalar,
  numpy_dtype,
  ipv4_address,
  ipv6_address,
  ipv4_network,
  ipv6_network,
  ipv4_interface,
  ipv6_interface,
  reconstructor,  // copyreg._reconstructor: objects before protocol 2
  object,
  // Django.
  safe_string,
  lazy_proxy,
  lazy_object,
  gettext,
  pgettext,
  force_str,  // and what else gives a text as it is
  multi_value_dict,
  query_dict,
  // Not a name at all: an empty place in the memo.
  none,
};

struct GlobalName {
  std::string_view module, name;  // of builtins the module is "builtins"
  Global global;
  std::string_view reads_as;  // for the page: of a class the value, of a helper what it is for
};
// In the order of the page.
std::span<const GlobalName> global_names();

// Global::none when it is not on the list. Names of Python 2 mean what they mean to Python 3.
Global find_global(std::string_view module, std::string_view name);
// "datetime.datetime", for errors.
std::string name_of(Global global);

}  // namespace djcache::codec::pickle
