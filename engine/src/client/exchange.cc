#include "client/exchange.h"

#include <algorithm>
#include <charconv>

#include "resp/encoder.h"

namespace djcache::client {

Error no_server(const Alias& alias) {
  return {
      Errc::not_supported,
      "CACHES['" + alias.name + "'] has no server to send commands to; only the redis backend has"};
}

std::size_t append(std::string& bytes, const Arguments& arguments) {
  std::size_t payload = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) payload += arguments[i].size();
  const std::size_t begin = bytes.size();
  bytes.resize(begin + resp::command_bound(arguments.size(), payload));
  resp::Encoder encoder(bytes.data() + begin);
  encoder.array(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) encoder.bulk(arguments[i]);
  bytes.resize(static_cast<std::size_t>(encoder.end() - bytes.data()));
  return bytes.size() - begin;
}

// "*2\r\n$3\r\nGET\r\n..."
std::string_view name_at(std::string_view bytes, std::size_t at) {
  const std::size_t dollar = bytes.find('$', at);
  if (dollar == std::string_view::npos) return {};
  std::size_t size = 0;
  const auto parsed = std::from_chars(bytes.data() + dollar + 1, bytes.data() + bytes.size(), size);
  return bytes.substr(static_cast<std::size_t>(parsed.ptr - bytes.data()) + 2, size);
}

bool admit(Calls& calls, link::Pool& pool, std::size_t bytes, Call* call, std::size_t operations) {
  if (bytes > UINT32_MAX) {
    calls.defer(call, {Errc::value_too_large, "the commands are larger than 4 GiB"});
    return false;
  }
  if (pool.admits(bytes, operations)) return true;
  calls.defer(call, pool.refusal(bytes, operations));
  return false;
}

void send(link::Pool& pool, link::Connection& connection, const Sending& sending, Call* call) {
  pool.prepare(connection);
  char* const begin = connection.out().reserve(sending.bytes.size());
  std::memcpy(begin, sending.bytes.data(), sending.bytes.size());
  link::Slot slot;
  slot.call = call;
  slot.bytes = static_cast<std::uint32_t>(sending.bytes.size());
  slot.replies = sending.replies;
  slot.limit_ms = sending.limit_ms;
  slot.handler = sending.reading;
  slot.idempotent = sending.idempotent;
  slot.barrier = sending.barrier;
  connection.out().commit(slot.bytes);
  pool.submit(connection, slot);
}

std::string in_transaction(std::string_view commands) {
  constexpr std::string_view multi = "*1\r\n$5\r\nMULTI\r\n", exec = "*1\r\n$4\r\nEXEC\r\n";
  std::string bytes;
  bytes.reserve(multi.size() + commands.size() + exec.size());
  return bytes.append(multi).append(commands).append(exec);
}

namespace {

// Collects the replies to one pipeline.
struct Gathering {
  Calls& calls;
  Ticket whole;
  std::shared_ptr<std::vector<Reply>> replies;
  std::size_t open;
  std::size_t answered = 0;
  std::function<void()> block_given_up{};
  std::optional<Error> error{};

  void end() {
    Call* call = calls.find_also_given_up(whole);
    if (call == nullptr) return;
    Outcome outcome;
    if (error) {
      error->detail = "after " + std::to_string(answered) + " of " +
                      std::to_string(replies->size()) + " replies: " + error->detail;
      outcome.error = &*error;
    }
    call->finish(outcome);
  }
};

class Part final : public Call {
 public:
  Part(std::shared_ptr<Gathering> gathering, std::size_t place, bool blocks)
      : gathering_(std::move(gathering)), place_(place), blocks_(blocks) {}

  void finish(const Outcome& outcome) override {
    const std::shared_ptr<Gathering> all = std::move(gathering_);
    const std::size_t place = place_;
    const bool given_up = blocks_ && outcome.error && outcome.error->code == Errc::timeout;
    release();
    if (outcome.error == nullptr) {
      (*all->replies)[place] = to_tree(*outcome.reply);
      ++all->answered;
    } else if (!all->error) {
      all->error = *outcome.error;
    }
    if (given_up && all->block_given_up) all->block_given_up();
    if (--all->open == 0) all->end();
  }

 private:
  void give_up(const Error&) override {}  // no ticket exists, so it is never given up

  std::shared_ptr<Gathering> gathering_;
  std::size_t place_;
  bool blocks_;
};

}  // namespace

void send_each(Calls& calls, const Way& way, std::string_view bytes,
               const std::vector<Command>& commands, std::shared_ptr<std::vector<Reply>> replies,
               Call* whole) {
  replies->resize(commands.size());
  auto gathering = std::make_shared<Gathering>(Gathering{calls, whole->ticket(), std::move(replies),
                                                         commands.size(), 0, way.block_given_up});
  std::size_t at = 0;
  std::uint64_t blocked_ms = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    blocked_ms += commands[i].blocks_ms;
    const Sending sending{.bytes = bytes.substr(at, commands[i].bytes),
                          .reading = &redis::raw_or_error,
                          .limit_ms = longer_by(way.limit_ms, blocked_ms),
                          .idempotent = way.idempotent,
                          .barrier = commands[i].conduct == Conduct::authenticates};
    calls.issue(calls.make<Part>(gathering, i, commands[i].conduct == Conduct::blocks),
                [&](Call* part) { send(*way.pool, *way.connection, sending, part); });
    at += commands[i].bytes;
  }
}

std::uint32_t longer_by(std::uint32_t limit_ms, std::uint64_t blocks_ms) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(hour_ms, limit_ms + blocks_ms));
}

}  // namespace djcache::client
