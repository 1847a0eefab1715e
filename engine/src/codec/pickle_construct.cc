#include "codec/pickle_construct.h"

#include <algorithm>

#include "codec/pickle_constructors.h"
#include "codec/pickle_datetime.h"
#include "codec/pickle_error.h"
#include "codec/pickle_text.h"

namespace djcache::codec::pickle {
namespace {

// str.encode("latin1"). ASCII is not copied.
bool encode_latin1(Site site, std::string_view text, Ref& out) {
  std::size_t size = text.size();
  if (is_ascii(text)) {
    out = Ref::of_text(Tag::bytes, text);
    return true;
  }
  if (!site.graph.pay_for_copy(size)) {
    return fail_at(site.error, "bytes", site.position, no_copies_left);
  }
  char* const bytes = site.graph.texts.take(size);
  if (!utf8_to_latin1(text, bytes, size)) {
    return fail_at(site.error, "bytes", site.position,
                   " of a character that is none, above U+00FF");
  }
  site.graph.texts.give_back(text.size() - size);
  out = Ref::of_text(Tag::bytes, {bytes, size});
  return true;
}

bool is_latin1(const Ref& ref) {
  return ref.tag == Tag::string && (ref.text() == "latin1" || ref.text() == "latin-1");
}

bool make_encoded(Site site, Args args, Ref& out) {
  return args.size() == 2 && args[0].tag == Tag::string && is_latin1(args[1]) &&
         encode_latin1(site, args[0].text(), out);
}

// bytes or a bytearray: empty, of bytes, or of a str.
bool make_bytes(Site site, Args args, Ref& out) {
  if (args.size() == 2) return make_encoded(site, args, out);
  out = args.empty() ? Ref::of_text(Tag::bytes, {}) : args[0];
  return args.size() <= 1 && out.tag == Tag::bytes;
}

// A str, or an instance of a subclass without state of its own.
bool make_str(Args args, Ref& out) {
  out = args.empty() ? Ref::of_text(Tag::string, {}) : args[0];
  return args.size() <= 1 && out.tag == Tag::string;
}

bool make_pending(Site site, Global cls, Ref& out) {
  out = site.graph.add_pending(cls);
  return true;
}

// An object without arguments that receives its state later.
bool make_stateful(Site site, Global cls, Ref& out) {
  switch (cls) {
    case Global::uuid:
    case Global::dateutil_offset:
      return make_pending(site, cls, out);
    case Global::dateutil_utc:
      return make_utc(site.graph, out);
    case Global::multi_value_dict:
    case Global::query_dict:
      return make_multi_value_dict(site, {}, out);
    default:
      return false;
  }
}

// copyreg._reconstructor(cls, base, state): `state` is the part of the object that the base holds.
bool reconstruct(Site site, Args args, Ref& out) {
  if (args.size() != 3 || args[0].tag != Tag::global) return false;
  const auto cls = static_cast<Global>(args[0].index);
  const Ref &base = args[1], &state = args[2];
  if (base.is(Global::object)) return state.tag == Tag::nil && make_stateful(site, cls, out);
  if (base.is(Global::tzinfo)) {
    return state.is(Global::tzinfo) && cls != Global::uuid && make_stateful(site, cls, out);
  }
  if (base.is(Global::dict)) {
    return (cls == Global::multi_value_dict || cls == Global::query_dict) &&
           make_multi_value_dict(site, args.subspan(2), out);
  }
  return cls == Global::safe_string && base.is(Global::str) && make_str(args.subspan(2), out);
}

// The number of arguments of a function that creates a lazy text; the last one is the text.
std::size_t arguments_of(const Ref& function) {
  if (function.is(Global::pgettext)) return 2;
  return function.is(Global::gettext) || function.is(Global::str) || function.is(Global::force_str)
             ? 1
             : 0;
}

bool is_text_class(const Ref& ref) { return ref.is(Global::str) || ref.is(Global::safe_string); }

// func, args, kwargs, classes: the text as in the source, untranslated.
bool make_lazy_text(Site site, Args args, Ref& out) {
  if (args.size() < 4 || !std::all_of(args.begin() + 3, args.end(), is_text_class)) return false;
  for (const Ref& ref : args.subspan(1, 2)) {
    if (ref.tag != Tag::node) return false;
  }
  const Node& texts = site.graph.nodes[args[1].index];
  const Node& keywords = site.graph.nodes[args[2].index];
  const std::size_t count = arguments_of(args[0]);
  if (texts.kind != Kind::tuple || count == 0 || texts.count != count || keywords.count != 0) {
    return false;
  }
  return make_str(site.graph.children_of_tuple(texts).subspan(count - 1), out);
}

bool make_datetime_object(Site site, Global callee, Args args, Ref& out) {
  switch (callee) {
    case Global::datetime:
      return make_datetime(site.graph, args, out);
    case Global::date:
      return make_date(args, out);
    case Global::time:
      return make_time(site.graph, args, out);
    case Global::timedelta:
      return make_timedelta(args, out);
    case Global::timezone:
      return make_timezone(site.graph, args, out);
    case Global::tzinfo:
      out = Ref::of(Global::tzinfo);
      return args.empty();
    case Global::getattr:
      out = Ref::of(Global::zone_info_unpickle);
      return args.size() == 2 && args[0].is(Global::zone_info) && args[1].tag == Tag::string &&
             args[1].text() == "_unpickle";
    case Global::zone_info_unpickle:
      return make_zone_info(site.graph, args, out);
    case Global::pytz_zone:
      return make_pytz_zone(site.graph, args, out);
    case Global::pytz_utc:
    case Global::dateutil_utc:
      return args.empty() && make_utc(site.graph, out);
    case Global::pytz_fixed:
      return make_pytz_fixed(site.graph, args, out);
    default:
      return false;
  }
}

bool make_number(Site site, Global callee, Args args, Ref& out) {
  switch (callee) {
    case Global::integer:
      return make_int(args, out);
    case Global::real:
      return make_float(args, out);
    case Global::boolean:
      return make_bool(args, out);
    case Global::complex:
      return make_complex(site, args, out);
    case Global::decimal:
      return make_decimal(args, out);
    case Global::fraction:
      return make_fraction(site, args, out);
    case Global::numpy_scalar:
      return make_numpy_scalar(site, args, out);
    case Global::numpy_dtype:
      return make_dtype(site, args, out);
    case Global::ipv4_address:
    case Global::ipv6_address:
    case Global::ipv4_network:
    case Global::ipv6_network:
    case Global::ipv4_interface:
    case Global::ipv6_interface:
      return make_address(site, callee, args, out);
    default:
      return make_datetime_object(site, callee, args, out);
  }
}

bool make(Site site, Global callee, Args args, Ref& out) {
  switch (callee) {
    case Global::list:
      return make_container(site, Kind::list, args, out);
    case Global::tuple:
      return make_container(site, Kind::tuple, args, out);
    case Global::dict:
    case Global::ordered_dict:
      return make_container(site, Kind::dict, args, out);
    case Global::set:
      return make_container(site, Kind::set, args, out);
    case Global::frozenset:
      return make_container(site, Kind::frozenset, args, out);
    case Global::default_dict:
      return make_default_dict(site, args, out);
    case Global::counter:
      return make_counter(site, args, out);
    case Global::deque:
      return make_deque(site, args, out);
    case Global::range:
      return make_range(site, args, out);
    case Global::str:
    case Global::safe_string:
      return make_str(args, out);
    case Global::bytes:
    case Global::bytearray:
      return make_bytes(site, args, out);
    case Global::codecs_encode:
      return make_encoded(site, args, out);
    case Global::reconstructor:
      return reconstruct(site, args, out);
    case Global::lazy_proxy:
      return make_lazy_text(site, args, out);
    case Global::lazy_object:
      if (args.size() == 1) out = args[0];
      return args.size() == 1;
    default:
      return make_number(site, callee, args, out);
  }
}

bool refuse(Site site, Global callee) {
  if (site.error.detail.empty()) {
    fail_at(site.error, name_of(callee), site.position,
            " is called with arguments that its pickles do not have");
  }
  return false;
}

}  // namespace

bool construct(Site site, Global callee, Args args, Ref& out) {
  site.error.detail.clear();
  return make(site, callee, args, out) || refuse(site, callee);
}

bool construct_new(Site site, Global cls, Args args, Ref& out) {
  site.error.detail.clear();
  if (args.empty() && make_stateful(site, cls, out)) return true;
  if (cls == Global::safe_string && make_str(args, out)) return true;
  return refuse(site, cls);
}

namespace {

// A dict with "int" and sometimes "is_safe", which says how the UUID was made.
bool set_uuid_state(Site site, Pending& uuid, const Ref& state) {
  const Ref* const number = site.graph.find_in_state(state, "int");
  uuid.finished = number && read_128_bits(*number, uuid.bits);
  if (uuid.finished) return true;
  return fail_at(site.error, "uuid.UUID", site.position, " gets a state without its 128 bits");
}

}  // namespace

bool set_state(Site site, Ref object, Ref state) {
  Graph& graph = site.graph;
  if (object.tag == Tag::node && graph.nodes[object.index].multi_value) {
    return set_multi_value_state(site, object, state);
  }
  if (object.tag != Tag::pending) {
    return fail_at(site.error, "BUILD", site.position, " sets the state of an object without one");
  }
  Pending& pending = graph.pending[object.index];
  switch (pending.cls) {
    case Global::numpy_dtype:
      return set_dtype_state(site, pending, state);
    case Global::dateutil_offset:
      return set_dateutil_state(site, pending, state);
    default:
      return set_uuid_state(site, pending, state);
  }
}

}  // namespace djcache::codec::pickle
