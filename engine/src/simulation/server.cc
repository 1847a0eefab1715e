#include "simulation/server.h"

#include <algorithm>
#include <charconv>

namespace djcache::simulation {

void Server::reset(const Plan& plan) {
  wants_password_ = plan.password;
  lacks_scripts_ = plan.lacks_scripts;
  lacks_transactions_ = plan.lacks_transactions;
  entries_.clear();
  replica_ = false;
  replaced_until_ = never;
}

void Server::restart(bool keeps_data) {
  if (!keeps_data) entries_.clear();
}

// --- Reading.

void Server::receive(Session& session, std::string_view bytes, Mood& mood, std::string& out) {
  session.input.append(bytes);
  while (true) {
    const std::string_view rest = std::string_view(session.input).substr(session.head);
    const std::size_t size = parse(rest, arguments_);
    if (size == 0) break;
    answer(session, rest.substr(0, size), mood, out);
    session.head += size;
  }
  if (session.head < session.input.size()) return;
  session.input.clear();
  session.head = 0;
}

std::size_t Server::parse(std::string_view bytes, Arguments& arguments) {
  std::size_t at = 0;
  bool whole = true;
  const auto number = [&](char mark) -> std::size_t {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) {
      whole = false;
      return 0;
    }
    std::size_t value = 0;
    const char* last = bytes.data() + end;
    if (bytes[at] != mark || std::from_chars(bytes.data() + at + 1, last, value).ptr != last) {
      world_.fail("the server cannot read a command");
      whole = false;
    }
    at = end + 2;
    return value;
  };
  arguments.clear();
  const std::size_t count = number('*');
  for (std::size_t i = 0; whole && i < count; ++i) {
    const std::size_t size = number('$');
    if (!whole || bytes.size() < at + size + 2) return 0;
    arguments.push_back(bytes.substr(at, size));
    at += size + 2;
  }
  return whole ? at : 0;
}

// --- Answering.

void Server::answer(Session& session, std::string_view command, Mood& mood, std::string& out) {
  if (world_.traced()) {
    std::string line = "server:";
    for (const auto argument : arguments_) line += " " + std::string(argument.substr(0, 40));
    world_.tell(line);
  }
  const std::size_t before = out.size();
  if (oracle_ != nullptr) {
    oracle_->answer(arguments_, session, out);
  } else if (!handshake(session, out) && !unknown(out) && !refuse(session, mood, out) &&
             !transaction(session, command, out)) {
    execute(session.db, out);
  }
  if (world_.traced()) world_.tell("    -> " + out.substr(before, 60));
}

bool Server::handshake(Session& session, std::string& out) {
  if (is("AUTH")) {
    const bool right = arguments_.back() == server_password;
    session.authenticated = session.authenticated || right;
    // Like valkey 8.0 and redis from 7.2 on: behind a reply that is still to be written, a failing
    // AUTH has no reply.
    if (right || out.empty()) out += right ? "+OK\r\n" : "-WRONGPASS no\r\n";
    return true;
  }
  if (wants_password_ && !session.authenticated) {
    out += "-NOAUTH Authentication required.\r\n";
    return true;
  }
  if (is("PING")) {
    out += "+PONG\r\n";
    return true;
  }
  if (is("ROLE")) {
    out += replica_ ? "*5\r\n$5\r\nslave\r\n$9\r\n10.0.0.21\r\n:6379\r\n$9\r\nconnected\r\n:0\r\n"
                    : "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
    return true;
  }
  if (is("SELECT")) {
    session.db = arguments_[1] == "1" ? 1 : 0;
  } else if (!is("CLIENT")) {
    return false;
  }
  out += "+OK\r\n";
  return true;
}

bool Server::unknown(std::string& out) {
  if (!(is("EVAL") && lacks_scripts_) && !(is("MULTI") && lacks_transactions_)) return false;
  out +=
      "-ERR unknown command '" + std::string(arguments_[0]) + "', with args beginning with: \r\n";
  return true;
}

// The server's refusal instead of an execution.
bool Server::refuse(Session& session, Mood& mood, std::string& out) {
  if (is("MULTI") || is("EXEC")) return false;
  if (!session.transaction && mood.strikes(Fault::strange)) out += "*0\r\n";
  if (!mood.strikes(Fault::error_reply)) return false;
  constexpr std::string_view errors[] = {"-OOM command not allowed\r\n",
                                         "-LOADING Redis is loading\r\n",
                                         "-READONLY You can't write\r\n"};
  out += errors[world_.random.below(3)];
  session.refused = session.refused || session.transaction;
  return true;
}

bool Server::transaction(Session& session, std::string_view command, std::string& out) {
  if (is("MULTI")) {
    session.transaction = true;
    session.refused = false;
    session.queued.clear();
    out += "+OK\r\n";
    return true;
  }
  if (!session.transaction) {
    if (!is("EXEC")) return false;
    out += "-ERR EXEC without MULTI\r\n";
    return true;
  }
  if (!is("EXEC")) {
    session.queued.emplace_back(command);
    out += "+QUEUED\r\n";
    return true;
  }
  session.transaction = false;
  if (session.refused) {
    out += "-EXECABORT Transaction discarded\r\n";
    return true;
  }
  out += "*" + std::to_string(session.queued.size()) + "\r\n";
  for (const std::string& each : session.queued) {
    parse(each, arguments_);
    execute(session.db, out);
  }
  return true;
}

// --- What is stored.

Server::Entry* Server::find(std::uint32_t db, std::string_view key) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].db != db || entries_[i].key != key) continue;
    if (entries_[i].expires > world_.now) return &entries_[i];
    erase(db, key);
    return nullptr;
  }
  return nullptr;
}

void Server::store(std::uint32_t db, std::string_view key, std::string_view bytes, Micros expires) {
  Entry* entry = find(db, key);
  if (entry == nullptr) entry = &entries_.emplace_back();
  entry->db = db;
  entry->key = key;
  entry->bytes = bytes;
  entry->expires = expires;
}

bool Server::erase(std::uint32_t db, std::string_view key) {
  return std::erase_if(entries_,
                       [&](const Entry& entry) { return entry.db == db && entry.key == key; }) > 0;
}

Micros Server::expiry(std::string_view seconds) const {
  Micros count = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), count);
  return world_.now + count * 1'000'000;
}

}  // namespace djcache::simulation
