// The allow-list: every class and function that a pickle may name. pickle_construct.cc implements
// them; other names are refused.
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
  tzinfo,  // the base class that protocols 0 and 1 name with dateutil's zones
  zone_info,
  getattr,             // only of zoneinfo.ZoneInfo and "_unpickle"
  zone_info_unpickle,  // the result of that
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
  force_str,  // and other functions that return a text unchanged
  multi_value_dict,
  query_dict,
  // Not a name: an empty slot of the memo.
  none,
};

struct GlobalName {
  std::string_view module, name;  // of builtins the module is "builtins"
  Global global;
  // for the page: the value a class is read as, or the purpose of a helper
  std::string_view reads_as;
};
// In the order of the page.
std::span<const GlobalName> global_names();

// Global::none if it is not on the list. Names of Python 2 are translated.
Global find_global(std::string_view module, std::string_view name);
// "datetime.datetime", for errors.
std::string name_of(Global global);

}  // namespace djcache::codec::pickle
