#include "cache/stampede.h"

#include <cmath>

namespace djcache::cache {

Ticket Stampede::production(std::string_view made) const {
  const auto it = productions_.find(made);
  return it == productions_.end() ? Ticket{} : it->second;
}

void Stampede::begin_production(const std::string& made, Ticket ticket) {
  productions_.insert_or_assign(made, ticket);
}

void Stampede::end_production(std::string_view made) {
  if (const auto it = productions_.find(made); it != productions_.end()) productions_.erase(it);
}

void Stampede::remember_duration(std::string_view made, std::uint64_t milliseconds) {
  if (durations_.empty()) durations_.resize(slots);
  const std::size_t hash = Hash()(made);
  durations_[hash % slots] = {hash, milliseconds, true};
}

std::optional<std::uint64_t> Stampede::duration(std::string_view made) const {
  if (durations_.empty()) return std::nullopt;
  const std::size_t hash = Hash()(made);
  const Duration& slot = durations_[hash % slots];
  if (!slot.known || slot.hash != hash) return std::nullopt;
  return slot.milliseconds;
}

bool Stampede::due_early(double beta, std::uint64_t duration_ms, std::int64_t remaining_ms) const {
  const double gap = -beta * static_cast<double>(duration_ms) * std::log(random());
  return gap >= static_cast<double>(remaining_ms);
}

void Stampede::remember_missing(std::string_view made, std::uint64_t for_ms) {
  if (made.size() > remembered_key_max) return;
  if (missing_.empty()) missing_.resize(slots);
  Missing& slot = missing_[Hash()(made) % slots];
  slot.made = made;
  slot.until = clock() + for_ms;
}

bool Stampede::known_missing(std::string_view made) const {
  if (missing_.empty()) return false;
  const Missing& slot = missing_[Hash()(made) % slots];
  return slot.until != 0 && slot.made == made && clock() < slot.until;
}

}  // namespace djcache::cache
