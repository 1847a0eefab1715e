#include "codec/pickle_globals.h"

namespace djcache::codec::pickle {
namespace {

struct Name {
  std::string_view module, name;
  Global global;
};

// Protocols below 3 use the names of Python 2: __builtin__, copy_reg, unicode.
constexpr Name names[] = {
    {"datetime", "datetime", Global::datetime},
    {"datetime", "timezone", Global::timezone},
    {"datetime", "timedelta", Global::timedelta},
    {"datetime", "date", Global::date},
    {"datetime", "time", Global::time},
    {"decimal", "Decimal", Global::decimal},
    {"uuid", "UUID", Global::uuid},
    {"collections", "OrderedDict", Global::ordered_dict},
    {"collections", "defaultdict", Global::default_dict},
    {"collections", "Counter", Global::counter},
    {"collections", "deque", Global::deque},
    {"django.utils.safestring", "SafeString", Global::safe_string},
    {"django.utils.safestring", "SafeText", Global::safe_string},  // before Django 4.0
    {"django.utils.functional", "_lazy_proxy_unpickle", Global::lazy_proxy},
    {"django.utils.translation", "gettext", Global::gettext},
    {"django.utils.translation", "pgettext", Global::pgettext},
    {"zoneinfo", "ZoneInfo", Global::zone_info},
    {"backports.zoneinfo", "ZoneInfo", Global::zone_info},
    {"pytz", "_UTC", Global::pytz_utc},
    {"pytz", "_p", Global::pytz_zone},
    {"pytz", "FixedOffset", Global::pytz_fixed},
    {"_codecs", "encode", Global::codecs_encode},
    {"copyreg", "_reconstructor", Global::reconstructor},
    {"copy_reg", "_reconstructor", Global::reconstructor},
};

// Of both builtins and __builtin__.
constexpr Name builtins[] = {
    {"", "getattr", Global::getattr},
    {"", "set", Global::set},
    {"", "frozenset", Global::frozenset},
    {"", "bytearray", Global::bytearray},
    {"", "bytes", Global::bytes},
    {"", "object", Global::object},
    {"", "str", Global::str},
    {"", "unicode", Global::str},
    {"", "list", Global::other_type},
    {"", "dict", Global::other_type},
    {"", "tuple", Global::other_type},
    {"", "int", Global::other_type},
    {"", "long", Global::other_type},
    {"", "float", Global::other_type},
    {"", "bool", Global::other_type},
};

}  // namespace

Global find_global(std::string_view module, std::string_view name) {
  if (module == "builtins" || module == "__builtin__") {
    for (const Name& known : builtins) {
      if (known.name == name) return known.global;
    }
    return Global::none;
  }
  for (const Name& known : names) {
    if (known.module == module && known.name == name) return known.global;
  }
  return Global::none;
}

std::string name_of(Global global) {
  for (const Name& known : names) {
    if (known.global == global) return std::string(known.module).append(".").append(known.name);
  }
  for (const Name& known : builtins) {
    if (known.global == global) return "builtins." + std::string(known.name);
  }
  return "zoneinfo.ZoneInfo._unpickle";
}

}  // namespace djcache::codec::pickle
