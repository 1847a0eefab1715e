// The constructors of datetime, zoneinfo, pytz and dateutil. Each returns false if it refuses the
// arguments, or if there is no such date, time or zone.
#pragma once

#include <span>

#include "codec/pickle_construct.h"

namespace djcache::codec::pickle {

bool make_datetime(Graph& graph, std::span<const Ref> args, Ref& out);
bool make_time(Graph& graph, std::span<const Ref> args, Ref& out);
bool make_date(std::span<const Ref> args, Ref& out);
bool make_timedelta(std::span<const Ref> args, Ref& out);

bool make_timezone(Graph& graph, std::span<const Ref> args, Ref& out);   // timedelta[, label]
bool make_zone_info(Graph& graph, std::span<const Ref> args, Ref& out);  // name, from cache
bool make_pytz_zone(Graph& graph, std::span<const Ref> args,
                    Ref& out);  // name[, offset, dst, label]
bool make_pytz_fixed(Graph& graph, std::span<const Ref> args, Ref& out);  // minutes
bool make_utc(Graph& graph, Ref& out);
// dateutil's tzoffset: its offset and name.
bool set_dateutil_state(Site site, Pending& zone, const Ref& state);

// --- The values of the references that these produce.

// The state bytes of a datetime (10), a time (6) or a date (4), as in CPython's datetime module.
// False: no such date or time.
bool read_datetime_state(std::string_view state, DateTime& out);
bool read_time_state(std::string_view state, Time& out);
bool read_date_state(std::string_view state, Date& out);
// REQUIRES: a reference to a timedelta.
TimeDelta timedelta_of(const Ref& ref);

inline constexpr std::size_t datetime_size = 10, time_size = 6, date_size = 4;

// The longest name of a time zone. Each datetime has a copy, so it counts as memory.
inline constexpr std::size_t zone_name_max = 255;

}  // namespace djcache::codec::pickle
