#include "simulation/truth.h"

#include <charconv>

namespace djcache::simulation {

Seen seen_in(std::string_view bytes) {
  // Values contain "<#nonce>", integers are stored as they are printed. The size of a value may
  // look like the beginning of a mark.
  for (auto mark = bytes.find("<#"); mark != std::string_view::npos;
       mark = bytes.find("<#", mark + 1)) {
    Seen seen{Seen::Kind::value, 0};
    const char* end = bytes.data() + bytes.size();
    const auto parsed = std::from_chars(bytes.data() + mark + 2, end, seen.number);
    if (parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '>') return seen;
  }
  Seen seen{Seen::Kind::integer, 0};
  const char* end = bytes.data() + bytes.size();
  const auto parsed = std::from_chars(bytes.data(), end, seen.number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return seen;
  return {Seen::Kind::foreign, 0};
}

std::string describe(const Seen& seen) {
  switch (seen.kind) {
    case Seen::Kind::missing:
      return "nothing";
    case Seen::Kind::integer:
      return std::to_string(seen.number);
    case Seen::Kind::value:
      return "#" + std::to_string(seen.number);
    case Seen::Kind::foreign:
      break;
  }
  return "something foreign";
}

Truth::KeyId Truth::id(std::uint32_t db, std::string_view made) {
  for (std::size_t i = 0; i < names_used_; ++i) {
    if (names_[i].db == db && names_[i].made == made) return static_cast<KeyId>(i);
  }
  if (names_used_ == names_.size()) names_.emplace_back();
  names_[names_used_].db = db;
  names_[names_used_].made = made;
  return static_cast<KeyId>(names_used_++);
}

std::string Truth::name(KeyId key) const {
  return key == no_key ? "-" : std::to_string(names_[key].db) + "/" + names_[key].made;
}

}  // namespace djcache::simulation
