// The constructors of datetime, zoneinfo, pytz and dateutil.
#include "codec/pickle_datetime.h"

#include "codec/pickle_error.h"
#include "codec/pickle_text.h"
#include "value/calendar.h"

namespace djcache::codec::pickle {
namespace {

constexpr std::int64_t us_per_second = 1'000'000, us_per_day = 86'400 * us_per_second;

unsigned byte_at(std::string_view state, std::size_t at) {
  return static_cast<unsigned char>(state[at]);
}

bool add_zone(Graph& graph, const Zone& zone, Ref& out) {
  out = Ref::of(Tag::zone, static_cast<std::uint32_t>(graph.zones.size()));
  graph.zones.push_back(zone);
  return true;
}

bool is_offset(std::int64_t offset_us) { return offset_us > -us_per_day && offset_us < us_per_day; }

bool fixed_zone(Graph& graph, std::int64_t offset_us, std::string_view label, Ref& out) {
  return is_offset(offset_us) &&
         add_zone(graph, {.offset_us = offset_us, .has_offset = true, .name = label}, out);
}

bool is_label(const Ref& ref) { return ref.tag == Tag::string && ref.index <= zone_name_max; }
bool is_zone_name(const Ref& ref) { return is_label(ref) && value::is_zone_key(ref.text()); }

bool named_zone(Graph& graph, std::string_view name, Ref& out) {
  return add_zone(graph, {.name = name}, out);
}

// None or a time zone. False: anything else.
bool read_zone_argument(const Graph& graph, std::span<const Ref> rest, std::uint32_t& zone) {
  zone = no_index;
  if (rest.empty()) return true;
  if (rest.size() > 1) return false;
  if (rest[0].tag == Tag::zone) zone = rest[0].index;
  if (rest[0].tag == Tag::pending) zone = graph.pending[rest[0].index].zone;
  return zone != no_index || rest[0].tag == Tag::nil;
}

// Bytes, or the str that Python 2 wrote instead.
bool is_packed(const Ref& ref) {
  return ref.tag == Tag::bytes || (ref.tag == Tag::string && is_ascii(ref.text()));
}

// REQUIRES: a timedelta. False: a day or more, in either direction.
bool read_offset(const Ref& delta, std::int64_t& offset_us) {
  // With more days the microseconds need not fit into 64 bits.
  const auto days = static_cast<std::int32_t>(delta.index);
  if (days < -1 || days > 0) return false;
  offset_us = days * us_per_day + delta.number;
  return is_offset(offset_us);
}

bool to_int32(const Ref& ref, std::int32_t& out) {
  out = static_cast<std::int32_t>(ref.number);
  return ref.tag == Tag::integer && ref.number == out;
}

}  // namespace

bool read_date_state(std::string_view state, Date& out) {
  if (state.size() != 4) return false;
  out.year = static_cast<std::int32_t>(byte_at(state, 0) * 256 + byte_at(state, 1));
  out.month = static_cast<std::uint8_t>(byte_at(state, 2));
  out.day = static_cast<std::uint8_t>(byte_at(state, 3));
  return value::is_valid(out);
}

bool read_time_state(std::string_view state, Time& out) {
  if (state.size() != 6) return false;
  out.hour = static_cast<std::uint8_t>(byte_at(state, 0));
  out.minute = static_cast<std::uint8_t>(byte_at(state, 1));
  out.second = static_cast<std::uint8_t>(byte_at(state, 2));
  out.microsecond = byte_at(state, 3) << 16 | byte_at(state, 4) << 8 | byte_at(state, 5);
  out.fold = out.hour >> 7;  // the highest bit of the first field is the fold
  out.hour &= 0x7f;
  return value::is_valid(out);
}

bool read_datetime_state(std::string_view state, DateTime& out) {
  if (state.size() != 10 || !read_time_state(state.substr(4), out.time) || out.time.fold) {
    return false;
  }
  char date[4] = {state[0], state[1], static_cast<char>(state[2] & 0x7f), state[3]};
  out.time.fold = static_cast<std::uint8_t>(byte_at(state, 2) >> 7);
  return read_date_state({date, sizeof date}, out.date);
}

bool make_datetime(Graph& graph, std::span<const Ref> args, Ref& out) {
  std::uint32_t zone = no_index;
  DateTime checked;
  if (args.empty() || !is_packed(args[0]) || !read_zone_argument(graph, args.subspan(1), zone) ||
      !read_datetime_state(args[0].text(), checked)) {
    return false;
  }
  out = args[0];
  out.tag = Tag::datetime;
  out.index = zone;
  return true;
}

bool make_time(Graph& graph, std::span<const Ref> args, Ref& out) {
  std::uint32_t zone = no_index;
  Time checked;
  if (args.empty() || !is_packed(args[0]) || !read_zone_argument(graph, args.subspan(1), zone) ||
      !read_time_state(args[0].text(), checked)) {
    return false;
  }
  out = args[0];
  out.tag = Tag::time;
  out.index = zone;
  return true;
}

bool make_date(std::span<const Ref> args, Ref& out) {
  Date checked;
  if (args.size() != 1 || !is_packed(args[0]) || !read_date_state(args[0].text(), checked)) {
    return false;
  }
  out = args[0];
  out.tag = Tag::date;
  return true;
}

bool make_timedelta(std::span<const Ref> args, Ref& out) {
  TimeDelta delta;
  if (args.size() != 3 || !to_int32(args[0], delta.days) || !to_int32(args[1], delta.seconds) ||
      !to_int32(args[2], delta.microseconds) || !value::is_valid(delta)) {
    return false;
  }
  out = Ref::of(Tag::timedelta, static_cast<std::uint32_t>(delta.days),
                delta.seconds * us_per_second + delta.microseconds);
  return true;
}

TimeDelta timedelta_of(const Ref& ref) {
  return {.days = static_cast<std::int32_t>(ref.index),
          .seconds = static_cast<std::int32_t>(ref.number / us_per_second),
          .microseconds = static_cast<std::int32_t>(ref.number % us_per_second)};
}

bool make_timezone(Graph& graph, std::span<const Ref> args, Ref& out) {
  if (args.empty() || args.size() > 2 || args[0].tag != Tag::timedelta) return false;
  if (args.size() == 2 && !is_label(args[1])) return false;
  const std::string_view label = args.size() == 2 ? args[1].text() : std::string_view();
  std::int64_t offset_us = 0;
  return read_offset(args[0], offset_us) && fixed_zone(graph, offset_us, label, out);
}

// The second argument says whether Python may use its cached zone.
bool make_zone_info(Graph& graph, std::span<const Ref> args, Ref& out) {
  return args.size() == 2 && is_zone_name(args[0]) &&
         (args[1].tag == Tag::boolean || args[1].tag == Tag::integer) && args[1].number >= 0 &&
         args[1].number <= UINT8_MAX && named_zone(graph, args[0].text(), out);
}

// Zones without daylight saving are pickled by name alone. Of the others, pytz makes one object per
// offset that they ever had, and pickles which one: the name alone is not enough in an ambiguous
// hour, or for a datetime that was given the zone's first offset by mistake.
bool make_pytz_zone(Graph& graph, std::span<const Ref> args, Ref& out) {
  if (args.empty() || args.size() > 4 || !is_zone_name(args[0])) return false;
  if (args.size() == 1 || args[1].tag == Tag::nil) return named_zone(graph, args[0].text(), out);
  std::int32_t offset = 0, daylight_saving = 0;
  if (args.size() < 3 || !to_int32(args[1], offset) || !to_int32(args[2], daylight_saving)) {
    return false;
  }
  if (args.size() == 4 && args[3].tag != Tag::string && args[3].tag != Tag::nil) return false;
  const std::int64_t offset_us = offset * us_per_second;
  return is_offset(offset_us) && add_zone(graph,
                                          {.offset_us = offset_us,
                                           .has_offset = true,
                                           .needs_date = true,
                                           .name = args[0].text()},
                                          out);
}

bool make_pytz_fixed(Graph& graph, std::span<const Ref> args, Ref& out) {
  std::int32_t minutes = 0;
  if (args.size() != 1 || !to_int32(args[0], minutes)) return false;
  return fixed_zone(graph, minutes * (60 * us_per_second), {}, out);
}

bool set_dateutil_state(Site site, Pending& zone, const Ref& state) {
  const Ref* const offset = site.graph.find_in_state(state, "_offset");
  const Ref* const name = site.graph.find_in_state(state, "_name");
  std::int64_t offset_us = 0;
  Ref made;
  if (offset && offset->tag == Tag::timedelta && read_offset(*offset, offset_us) && name &&
      (name->tag == Tag::nil || is_label(*name)) &&
      fixed_zone(site.graph, offset_us, name->tag == Tag::nil ? std::string_view() : name->text(),
                 made)) {
    zone.zone = made.index;
    return true;
  }
  return fail_at(site.error, "dateutil.tz.tz.tzoffset", site.position,
                 " gets a state without its offset");
}

bool make_utc(Graph& graph, Ref& out) { return add_zone(graph, {.has_offset = true}, out); }

}  // namespace djcache::codec::pickle
