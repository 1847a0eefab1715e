#include "codec/pickle_construct.h"

#include <algorithm>

#include "codec/pickle_datetime.h"
#include "codec/pickle_error.h"
#include "codec/pickle_text.h"
#include "value/number_text.h"

namespace djcache::codec::pickle {
namespace {

bool make_node(Site site, Kind kind, Ref& out) {
  out = site.graph.add_node(kind, site.position);
  return true;
}

// A container of its own with the children of another, or an empty one without an argument.
bool make_view(Site site, Kind kind, std::span<const Ref> args, bool (*takes)(Kind), Ref& out) {
  if (args.empty()) return make_node(site, kind, out);
  if (args[0].tag != Tag::node) return false;
  Node& source = site.graph.nodes[args[0].index];
  if (!takes(source.kind)) return false;
  if (source.count == 0) return make_node(site, kind, out);
  out = site.graph.add_view(kind, source, site.position);
  return true;
}

bool is_sequence(Kind kind) { return kind == Kind::list || kind == Kind::tuple; }
bool is_dict(Kind kind) { return kind == Kind::dict; }

bool make_default_dict(Site site, std::span<const Ref> args, Ref& out) {
  if (args.size() > 1) return false;
  if (!args.empty() && args[0].tag != Tag::global && args[0].tag != Tag::nil) return false;
  return make_node(site, Kind::dict, out);
}

// str.encode("latin1"). What is ASCII stays where it is.
bool encode_latin1(Site site, std::string_view text, Ref& out) {
  std::size_t size = text.size();
  if (std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; })) {
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

bool make_decimal(std::span<const Ref> args, Ref& out) {
  if (args.size() != 1 || args[0].tag != Tag::string) return false;
  if (!value::is_decimal_literal(args[0].text())) return false;
  out = args[0];
  out.tag = Tag::decimal;
  return true;
}

bool make_uuid(Graph& graph, Ref& out) {
  out = Ref::of(Tag::uuid, static_cast<std::uint32_t>(graph.uuids.size()));
  graph.uuids.emplace_back();
  return true;
}

// A str, or a subclass of it that has no state of its own.
bool make_str(std::span<const Ref> args, Ref& out) {
  out = args.empty() ? Ref::of_text(Tag::string, {}) : args[0];
  return args.size() <= 1 && out.tag == Tag::string;
}

// copyreg._reconstructor(cls, base, state).
bool reconstruct(Site site, std::span<const Ref> args, Ref& out) {
  if (args.size() != 3) return false;
  if (args[0].is(Global::uuid)) {
    return args[1].is(Global::object) && args[2].tag == Tag::nil && make_uuid(site.graph, out);
  }
  return args[0].is(Global::safe_string) && args[1].is(Global::str) &&
         make_str(args.subspan(2), out);
}

// func, args, kwargs, classes: the text as it is written in the source, without a translation.
bool make_lazy_text(Site site, std::span<const Ref> args, Ref& out) {
  if (args.size() != 4 || !args[3].is(Global::str)) return false;
  for (const Ref& ref : args.subspan(1, 2)) {
    if (ref.tag != Tag::node) return false;
  }
  const Node& texts = site.graph.nodes[args[1].index];
  const Node& keywords = site.graph.nodes[args[2].index];
  const std::size_t count = args[0].is(Global::gettext) ? 1 : args[0].is(Global::pgettext) ? 2 : 0;
  if (texts.kind != Kind::tuple || count == 0 || texts.count != count || keywords.count != 0) {
    return false;
  }
  return make_str(site.graph.children_of_tuple(texts).subspan(count - 1), out);
}

bool make(Site site, Global callee, std::span<const Ref> args, Ref& out) {
  switch (callee) {
    case Global::ordered_dict:
      return args.empty() && make_node(site, Kind::dict, out);
    case Global::default_dict:
      return make_default_dict(site, args, out);
    case Global::counter:
      return args.size() <= 1 && make_view(site, Kind::dict, args, is_dict, out);
    case Global::deque:
      return args.size() <= 2 && make_view(site, Kind::list, args, is_sequence, out);
    case Global::set:
      return args.size() <= 1 && make_view(site, Kind::set, args, is_sequence, out);
    case Global::frozenset:
      return args.size() <= 1 && make_view(site, Kind::frozenset, args, is_sequence, out);
    case Global::bytes:
      return args.empty() && (out = Ref::of_text(Tag::bytes, {}), true);
    case Global::bytearray:
      if (args.empty()) return out = Ref::of_text(Tag::bytes, {}), true;
      if (args.size() == 1 && args[0].tag == Tag::bytes) return out = args[0], true;
      [[fallthrough]];
    case Global::codecs_encode:
      return args.size() == 2 && args[0].tag == Tag::string && is_latin1(args[1]) &&
             encode_latin1(site, args[0].text(), out);
    case Global::datetime:
      return make_datetime(args, out);
    case Global::date:
      return make_date(args, out);
    case Global::time:
      return make_time(args, out);
    case Global::timedelta:
      return make_timedelta(args, out);
    case Global::timezone:
      return make_timezone(site.graph, args, out);
    case Global::getattr:
      out = Ref::of(Global::zone_info_unpickle);
      return args.size() == 2 && args[0].is(Global::zone_info) && args[1].tag == Tag::string &&
             args[1].text() == "_unpickle";
    case Global::zone_info_unpickle:
      return make_zone_info(site.graph, args, out);
    case Global::pytz_zone:
      return make_pytz_zone(site.graph, args, out);
    case Global::pytz_utc:
      return args.empty() && make_utc(site.graph, out);
    case Global::pytz_fixed:
      return make_pytz_fixed(site.graph, args, out);
    case Global::decimal:
      return make_decimal(args, out);
    case Global::reconstructor:
      return reconstruct(site, args, out);
    case Global::lazy_proxy:
      return make_lazy_text(site, args, out);
    default:
      return false;
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

bool construct(Site site, Global callee, std::span<const Ref> args, Ref& out) {
  site.error.detail.clear();
  return make(site, callee, args, out) || refuse(site, callee);
}

bool construct_new(Site site, Global cls, std::span<const Ref> args, Ref& out) {
  site.error.detail.clear();
  if (cls == Global::uuid && args.empty()) return make_uuid(site.graph, out);
  if (cls == Global::safe_string && make_str(args, out)) return true;
  return refuse(site, cls);
}

namespace {

bool read_uuid(const Ref& number, Uuid& out) {
  char bytes[sizeof number.number];
  LongBytes buffer;
  switch (number.tag) {
    case Tag::integer:
      for (std::size_t i = 0; i < sizeof bytes; ++i) {
        bytes[i] = static_cast<char>(static_cast<std::uint64_t>(number.number) >> (8 * i));
      }
      return long_to_uuid({bytes, sizeof bytes}, out);
    case Tag::long_bytes:
      return long_to_uuid(number.text(), out);
    case Tag::long_text:
      return long_to_uuid({buffer.data(), decimal_to_long(number.text(), buffer)}, out);
    default:
      return false;
  }
}

}  // namespace

bool set_state(Site site, Ref object, Ref state) {
  if (object.tag != Tag::uuid) {
    return fail_at(site.error, "BUILD", site.position, " sets the state of what is no UUID");
  }
  PendingUuid& uuid = site.graph.uuids[object.index];
  bool valid = state.tag == Tag::node && site.graph.nodes[state.index].kind == Kind::dict;
  // A dict of "int" and, sometimes, "is_safe", which says how it was made.
  bool is_key = true, wanted = false;
  valid = valid && site.graph.each_child(site.graph.nodes[state.index], [&](const Ref& ref) {
    if (is_key) {
      wanted = ref.tag == Tag::string && ref.text() == "int";
    } else if (wanted) {
      uuid.finished = read_uuid(ref, uuid.uuid);
    }
    is_key = !is_key;
    return true;
  });
  if (valid && uuid.finished) return true;
  return fail_at(site.error, "uuid.UUID", site.position, " gets a state without its 128 bits");
}

}  // namespace djcache::codec::pickle
