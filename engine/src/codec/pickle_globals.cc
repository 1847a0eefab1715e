#include "codec/pickle_globals.h"

#include "codec/pickle_python_2.h"

namespace djcache::codec::pickle {
namespace {

// engine/docs/pickle.md shows this table; a test compares them.
constexpr GlobalName names[] = {
    {"builtins", "list", Global::list, "list"},
    {"builtins", "tuple", Global::tuple, "tuple"},
    {"builtins", "dict", Global::dict, "dict"},
    {"builtins", "set", Global::set, "set"},
    {"builtins", "frozenset", Global::frozenset, "frozenset"},
    {"builtins", "range", Global::range, "list of its numbers"},
    {"builtins", "str", Global::str, "string"},
    {"builtins", "bytes", Global::bytes, "bytes"},
    {"builtins", "bytearray", Global::bytearray, "bytes"},
    {"builtins", "int", Global::integer, "integer"},
    {"builtins", "float", Global::real, "real"},
    {"builtins", "bool", Global::boolean, "boolean"},
    {"builtins", "complex", Global::complex, "tuple of two reals"},
    {"collections", "OrderedDict", Global::ordered_dict, "dict, in its order"},
    {"collections", "defaultdict", Global::default_dict, "dict"},
    {"collections", "Counter", Global::counter, "dict"},
    {"collections", "deque", Global::deque, "list, of its maximal length at most"},
    {"datetime", "datetime", Global::datetime, "datetime"},
    {"datetime", "date", Global::date, "date"},
    {"datetime", "time", Global::time, "time"},
    {"datetime", "timedelta", Global::timedelta, "timedelta"},
    {"datetime", "timezone", Global::timezone, "zone: offset, and the label as its name"},
    {"zoneinfo", "ZoneInfo", Global::zone_info, "zone: name"},
    {"backports.zoneinfo", "ZoneInfo", Global::zone_info, "zone: name"},
    {"pytz", "_UTC", Global::pytz_utc, "zone: offset 0"},
    {"pytz", "_p", Global::pytz_zone,
     "zone: the offset that was pickled, and the name; without an offset, and of a time of day, "
     "the "
     "name alone"},
    {"pytz", "FixedOffset", Global::pytz_fixed, "zone: offset"},
    {"dateutil.tz.tz", "tzutc", Global::dateutil_utc, "zone: offset 0"},
    {"dateutil.tz.tz", "tzoffset", Global::dateutil_offset, "zone: offset and name"},
    {"dateutil.tz", "tzutc", Global::dateutil_utc, "zone: offset 0"},
    {"dateutil.tz", "tzoffset", Global::dateutil_offset, "zone: offset and name"},
    {"decimal", "Decimal", Global::decimal, "decimal"},
    {"fractions", "Fraction", Global::fraction,
     "string: `1/3`; in lowest terms, of parts within 64 bits"},
    {"uuid", "UUID", Global::uuid, "uuid"},
    {"ipaddress", "IPv4Address", Global::ipv4_address, "string, as Python prints it"},
    {"ipaddress", "IPv6Address", Global::ipv6_address, "string, as Python prints it"},
    {"ipaddress", "IPv4Network", Global::ipv4_network, "string, as Python prints it"},
    {"ipaddress", "IPv6Network", Global::ipv6_network, "string, as Python prints it"},
    {"ipaddress", "IPv4Interface", Global::ipv4_interface, "string, as Python prints it"},
    {"ipaddress", "IPv6Interface", Global::ipv6_interface, "string, as Python prints it"},
    {"numpy.core.multiarray", "scalar", Global::numpy_scalar,
     "boolean, integer or real; of a complex number a tuple of two reals"},
    {"numpy._core.multiarray", "scalar", Global::numpy_scalar,
     "boolean, integer or real; of a complex number a tuple of two reals"},
    {"numpy", "dtype", Global::numpy_dtype,
     "type of a scalar: `b1`, `i1` to `i8`, `u1` to `u8`, `f2` to `f8`, `c8`, `c16`"},
    {"django.utils.safestring", "SafeString", Global::safe_string, "string"},
    {"django.utils.safestring", "SafeText", Global::safe_string, "string"},  // before Django 4.0
    {"django.utils.datastructures", "MultiValueDict", Global::multi_value_dict, "dict of lists"},
    {"django.http.request", "QueryDict", Global::query_dict, "dict of lists"},
    {"django.utils.functional", "_lazy_proxy_unpickle", Global::lazy_proxy,
     "lazy text: string, as the source has it, without a translation"},
    {"django.utils.functional", "unpickle_lazyobject", Global::lazy_object,
     "SimpleLazyObject: what it wraps"},
    {"django.utils.translation", "gettext", Global::gettext, "of a lazy text"},
    {"django.utils.translation", "ugettext", Global::gettext, "of a lazy text"},
    {"django.utils.translation", "pgettext", Global::pgettext, "of a lazy text"},
    {"django.utils.safestring", "mark_safe", Global::force_str, "of a lazy text"},
    {"django.utils.encoding", "force_str", Global::force_str, "of a lazy text"},
    {"django.utils.encoding", "force_text", Global::force_str, "of a lazy text"},
    {"_codecs", "encode", Global::codecs_encode, "bytes, as protocols 0 to 2 write them"},
    {"copyreg", "_reconstructor", Global::reconstructor, "an object of protocols 0 and 1"},
    {"builtins", "object", Global::object, "in an object of protocols 0 and 1"},
    {"datetime", "tzinfo", Global::tzinfo, "in an object of protocols 0 and 1"},
    {"builtins", "getattr", Global::getattr, "of `zoneinfo.ZoneInfo` and `\"_unpickle\"` alone"},
};

}  // namespace

std::span<const GlobalName> global_names() { return names; }

Global find_global(std::string_view module, std::string_view name) {
  rename_for_python_3(module, name);
  for (const GlobalName& known : names) {
    if (known.name == name && known.module == module) return known.global;
  }
  return Global::none;
}

std::string name_of(Global global) {
  for (const GlobalName& known : names) {
    if (known.global == global) return std::string(known.module).append(".").append(known.name);
  }
  return "zoneinfo.ZoneInfo._unpickle";
}

}  // namespace djcache::codec::pickle
