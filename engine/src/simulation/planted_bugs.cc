// What the planted bugs do. Compiled into the programs that must find them, and nowhere else.
#include "planted.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "link/connection.h"

namespace djcache {

namespace {

std::vector<const Call*>& given_up() {
  static std::vector<const Call*> calls;
  return calls;
}

struct Postponed {
  const link::Connection* connection;
  std::string reason;
};
std::vector<Postponed>& postponed() {
  static std::vector<Postponed> all;
  return all;
}

// By descriptor; nobody empties it when one is closed.
std::map<int, std::string>& kept() {
  static std::map<int, std::string> plaintext;
  return plaintext;
}

}  // namespace

void Planted::cancelled(Call& call) { given_up().push_back(&call); }

void Planted::give_places_away(link::Connection& connection) {
  while (connection.pipeline_.in_flight() > 0) {
    const link::Slot slot = connection.pipeline_.front();
    const auto it = std::find(given_up().begin(), given_up().end(), slot.call);
    const bool gone =
        DJCACHE_PLANTED(no_tombstone_on_timeout) ? slot.call == nullptr : it != given_up().end();
    if (!gone) return;
    if (slot.call != nullptr) given_up().erase(it);
    connection.fail(slot, Errc::cancelled, {});  // gives the memory of the call back
    --connection.totals_.operations;
    connection.totals_.bytes -= slot.bytes;
    connection.pipeline_.pop();
    connection.pipeline_.release(slot.bytes);
  }
}

bool Planted::postpone_poison(link::Connection& connection, std::string_view reason) {
  if (connection.state_ != link::Connection::State::ready) return false;
  postponed().push_back({&connection, std::string(reason)});
  return true;
}

bool Planted::poison_now(link::Connection& connection) {
  const auto it = std::find_if(postponed().begin(), postponed().end(), [&](const Postponed& each) {
    return each.connection == &connection;
  });
  if (it == postponed().end()) return false;
  const std::string reason = it->reason;
  postponed().erase(it);
  if (connection.state_ != link::Connection::State::ready) return false;
  connection.poison(Errc::connection_lost, connection.at_endpoint(reason));
  return true;
}

void Planted::complete_twice(link::Connection& connection) {
  for (std::size_t i = 0; i < connection.pipeline_.size(); ++i) {
    connection.fail(connection.pipeline_[i], Errc::disconnected, "once more");
  }
}

void Planted::send_again_last(link::Connection& connection) {
  link::Pipeline& pipeline = connection.pipeline_;
  pipeline.stamp(connection.now_);
  std::vector<std::pair<link::Slot, std::string>> all;
  link::OutBuffer::Cursor cursor;
  for (std::size_t i = 0; i < pipeline.size(); ++i) {
    link::OutBuffer copy;
    pipeline.out().read(cursor, pipeline[i].bytes, &copy);
    all.emplace_back(pipeline[i], copy.front(pipeline[i].bytes));
  }
  std::stable_partition(all.begin(), all.end(),
                        [](const auto& each) { return !each.first.retried; });
  (void)pipeline.take_all();
  for (const auto& [slot, bytes] : all) {
    std::copy(bytes.begin(), bytes.end(), pipeline.out().reserve(bytes.size()));
    pipeline.out().commit(bytes.size());
    pipeline.reserve_slot();
    pipeline.push(slot);
  }
  pipeline.stamp(connection.now_);
}

bool Planted::is_address(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::size_t Planted::keep_half(int descriptor, const char* plaintext, std::size_t size) {
  kept()[descriptor].assign(plaintext + size / 2, size - size / 2);
  return size / 2;
}

std::size_t Planted::take_kept(int descriptor, char* to) {
  const std::string taken = std::exchange(kept()[descriptor], {});
  std::copy(taken.begin(), taken.end(), to);
  return taken.size();
}

// "<service> <old host> <old port> <new host> <new port>"
std::optional<SentinelOptions::Address> Planted::named_in(std::string_view push) {
  std::istringstream words{std::string(push)};
  std::string service, old_host, old_port;
  SentinelOptions::Address named;
  words >> service >> old_host >> old_port >> named.host >> named.port;
  return words.fail() ? std::nullopt : std::optional(std::move(named));
}

bool Planted::keeps(int descriptor) { return !kept()[descriptor].empty(); }
void Planted::forget() { kept().clear(); }

}  // namespace djcache
