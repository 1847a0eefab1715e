// The commands, and the executions they record in the truth.
#include <charconv>

#include "redis/scripts.h"
#include "simulation/server.h"

namespace djcache::simulation {

namespace {

void say_integer(std::string& out, std::int64_t number) {
  out += ":" + std::to_string(number) + "\r\n";
}
void say_bulk(std::string& out, std::string_view bytes) {
  out += "$" + std::to_string(bytes.size()) + "\r\n";
  out += bytes;
  out += "\r\n";
}

}  // namespace

Execution& Server::log(std::uint32_t db, std::string_view key, Verb verb) {
  Execution execution;
  execution.verb = verb;
  execution.key = key.empty() ? Truth::no_key : truth_.id(db, key);
  return truth_.log(execution);
}

void Server::log_read(std::uint32_t db, std::string_view key, std::string& out) {
  const Entry* entry = find(db, key);
  log(db, key, Verb::get).seen = entry != nullptr ? seen_in(entry->bytes) : Seen{};
  if (entry == nullptr) {
    out += "$-1\r\n";
  } else {
    say_bulk(out, entry->bytes);
  }
}

void Server::execute(std::uint32_t db, std::string& out) {
  if (replica_) return world_.fail("a command for the primary arrives at a replica");
  if (world_.now > replaced_until_) {
    return world_.fail("a server acknowledges long after its Sentinels named another");
  }
  if (is("GET")) return log_read(db, arguments_[1], out);
  if (is("SET")) return set(db, out);
  if (is("EVAL")) return script(db, out);
  if (is("INCRBY")) return incr(db, arguments_[1], arguments_[2], true, out);
  if (is("DEL") || is("MGET") || is("MSET")) return execute_many(db, out);
  if (is("FLUSHDB")) {
    std::erase_if(entries_, [db](const Entry& entry) { return entry.db == db; });
    log(db, {}, Verb::clear).ok = true;
    out += "+OK\r\n";
    return;
  }
  execute_life(db, out);
}

void Server::execute_life(std::uint32_t db, std::string& out) {
  Entry* entry = find(db, arguments_[1]);
  if (is("EXISTS")) {
    log(db, arguments_[1], Verb::exists).ok = entry != nullptr;
    return say_integer(out, entry != nullptr ? 1 : 0);
  }
  if (is("PTTL")) {
    const bool mortal = entry != nullptr && entry->expires != never;
    const auto left = mortal ? static_cast<std::int64_t>((entry->expires - world_.now) / 1000) : -1;
    return say_integer(out, entry == nullptr ? -2 : left);
  }
  bool touched = entry != nullptr;
  if (is("PERSIST")) {
    touched = touched && entry->expires != never;
    if (touched) entry->expires = never;
  } else if (is("EXPIRE")) {
    if (touched) entry->expires = expiry(arguments_[2]);
  } else {
    return world_.fail("the server does not know " + std::string(arguments_[0]));
  }
  log(db, arguments_[1], Verb::touch).ok = touched;
  say_integer(out, touched ? 1 : 0);
}

void Server::execute_many(std::uint32_t db, std::string& out) {
  if (is("MGET")) {
    out += "*" + std::to_string(arguments_.size() - 1) + "\r\n";
    for (std::size_t i = 1; i < arguments_.size(); ++i) log_read(db, arguments_[i], out);
    return;
  }
  if (is("MSET")) {
    for (std::size_t i = 1; i + 1 < arguments_.size(); i += 2) {
      store(db, arguments_[i], arguments_[i + 1], never);
      Execution& execution = log(db, arguments_[i], Verb::set);
      execution.ok = true;
      execution.seen = seen_in(arguments_[i + 1]);
    }
    out += "+OK\r\n";
    return;
  }
  std::int64_t erased = 0;
  for (std::size_t i = 1; i < arguments_.size(); ++i) {
    const bool existed = find(db, arguments_[i]) != nullptr && erase(db, arguments_[i]);
    log(db, arguments_[i], Verb::erase).ok = existed;
    erased += existed ? 1 : 0;
  }
  say_integer(out, erased);
}

void Server::set(std::uint32_t db, std::string& out) {
  const bool only_new = arguments_.back() == "NX";
  const bool mortal = arguments_.size() > 4 && arguments_[3] == "EX";
  Execution& execution = log(db, arguments_[1], only_new ? Verb::add : Verb::set);
  execution.seen = seen_in(arguments_[2]);
  execution.ok = !only_new || find(db, arguments_[1]) == nullptr;
  if (execution.ok) {
    store(db, arguments_[1], arguments_[2], mortal ? expiry(arguments_[4]) : never);
  }
  out += execution.ok ? "+OK\r\n" : "$-1\r\n";
}

void Server::script(std::uint32_t db, std::string& out) {
  if (arguments_[1] == redis::incr_script)
    return incr(db, arguments_[3], arguments_[4], false, out);
  if (arguments_[1] == redis::move_script) return move(db, out);
  world_.fail("a script that the server does not know");
}

// `makes`: creates a missing entry, like INCRBY.
void Server::incr(std::uint32_t db, std::string_view key, std::string_view delta, bool makes,
                  std::string& out) {
  Execution& execution = log(db, key, Verb::incr);
  std::from_chars(delta.data(), delta.data() + delta.size(), execution.delta);
  if (makes && find(db, key) == nullptr) store(db, key, "0", never);
  Entry* entry = find(db, key);
  if (entry == nullptr) {
    out += "$-1\r\n";
    return;
  }
  execution.seen = seen_in(entry->bytes);
  if (execution.seen.kind != Seen::Kind::integer) {
    out += "-ERR value is not an integer or out of range\r\n";
    return;
  }
  execution.seen.number += execution.delta;
  execution.ok = true;
  entry->bytes = std::to_string(execution.seen.number);
  makes ? say_integer(out, execution.seen.number) : say_bulk(out, entry->bytes);
}

void Server::move(std::uint32_t db, std::string& out) {
  const std::string from(arguments_[3]);
  Execution& execution = log(db, from, Verb::move);
  const Entry* entry = find(db, from);
  execution.ok = entry != nullptr;
  if (entry == nullptr) return say_integer(out, 0);
  execution.seen = seen_in(entry->bytes);
  const std::string bytes = entry->bytes;
  store(db, arguments_[4], bytes, arguments_[5].empty() ? never : expiry(arguments_[5]));
  if (arguments_[4] != from) erase(db, from);
  say_integer(out, 1);
}

}  // namespace djcache::simulation
