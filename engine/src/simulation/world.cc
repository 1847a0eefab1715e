#include "simulation/world.h"

#include <algorithm>
#include <cstdio>

namespace djcache::simulation {

namespace {
bool later(const Event& a, const Event& b) {
  return a.at != b.at ? a.at > b.at : a.order > b.order;
}
}  // namespace

std::string_view to_string(Fault fault) {
  static constexpr std::string_view names[] = {
      "reset",   "half_close", "silence",     "stall",   "restart", "refuse", "connect_stall",
      "resolve", "full",       "error_reply", "strange", "garbage", "busy"};
  static_assert(std::size(names) == static_cast<std::size_t>(Fault::count));
  return names[static_cast<std::size_t>(fault)];
}

void World::reset(std::uint64_t seed, bool traced) {
  current_ = this;
  // Some time after the start of the clock, at no round number.
  now = 1'000'000'123;
  busy = 0;
  random = Random(seed);
  happened = 0;
  events_.clear();
  order_ = 0;
  failure_.clear();
  trace_.clear();
  traced_ = traced;
}

void World::schedule(Micros at, Event::Kind kind, std::uint32_t target, std::uint32_t generation) {
  events_.push_back({std::max(at, now), ++order_, kind, target, generation});
  std::push_heap(events_.begin(), events_.end(), later);
}

bool World::take_due(std::uint64_t order, Event& event) {
  if (events_.empty() || events_.front().at > now || events_.front().order > order) return false;
  std::pop_heap(events_.begin(), events_.end(), later);
  event = events_.back();
  events_.pop_back();
  return true;
}

void World::fail(std::string_view what) {
  if (failed()) return;
  failure_ = what;
  if (traced_) tell("FAILED: " + failure_);
}

void World::tell(std::string_view line) {
  char time[32];
  std::snprintf(time, sizeof time, "%llu.%03u  ", static_cast<unsigned long long>(now / 1000),
                static_cast<unsigned>(now % 1000));
  trace_ += time;
  for (const char c : line) trace_ += c >= ' ' && c < 127 ? c : '.';
  trace_ += '\n';
}

}  // namespace djcache::simulation
