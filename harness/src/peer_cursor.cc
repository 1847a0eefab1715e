#include "peer_cursor.h"

#include <strings.h>

#include <algorithm>

#include "resp_wire.h"

#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

constexpr std::size_t most_pending = 64 * 1024 * 1024;

bool same_word(const std::string& a, const std::string& b) {
  return ::strcasecmp(a.c_str(), b.c_str()) == 0;
}

// The bytes around `at`, for a message.
std::string excerpt(std::string_view bytes, std::size_t at) {
  constexpr std::size_t before = 24;
  constexpr std::size_t most = 80;
  const std::size_t from = at > before ? at - before : 0;
  const auto part = bytes.substr(from, most);
  return (from > 0 ? "...\"" : "\"") + escape(part) +
         (from + part.size() < bytes.size() ? "\"..." : "\"");
}

// Whether the command is the one expected by a step of HANDSHAKE ("SETNAME", "AUTH", "SELECT 2").
bool answers(const std::string& wanted, const std::vector<std::string>& words) {
  if (wanted == "SETNAME") {
    return words.size() == 3 && same_word(words[0], "CLIENT") && same_word(words[1], wanted);
  }
  if (wanted == "AUTH") return words.size() >= 2 && same_word(words[0], wanted);
  return words.size() == 2 && same_word(words[0], "SELECT") && "SELECT " + words[1] == wanted;
}

}  // namespace

void PeerCursor::on_bytes(std::string_view bytes) {
  pending_ += bytes;
  if (pending_.size() > most_pending) fail("more than 64 MiB wait to be matched");
}

void PeerCursor::consume(std::size_t n) {
  pending_.erase(0, n);
  consumed_ += n;
}

void PeerCursor::step_done() {
  ++at_;
  discarded_ = 0;
  answered_ = 0;
}

PeerAction PeerCursor::next() {
  PeerAction action;
  while (problem_.empty() && at_ < steps_.size()) {
    const auto progress = play(steps_[at_], action);
    if (progress == Progress::passed) step_done();
    if (progress != Progress::passed || action.kind != PeerAction::Kind::wait) break;
  }
  if (!problem_.empty()) return {.kind = PeerAction::Kind::fail};
  return at_ < steps_.size() || action.kind != PeerAction::Kind::wait ? action : at_end();
}

PeerAction PeerCursor::at_end() {
  if (pending_.empty()) return {};
  fail("sent " + excerpt(pending_, 0));
  return {.kind = PeerAction::Kind::fail};
}

PeerCursor::Progress PeerCursor::play(const PeerStep& step, PeerAction& action) {
  switch (step.kind) {
    case Kind::expect:
      return expect_bytes(step);
    case Kind::expect_any:
      return expect_command(step);
    case Kind::expect_close:
      return expect_close();
    case Kind::handshake:
      return handshake(step, action);
    case Kind::discard:
      return discard(step);
    case Kind::send:
      action = {PeerAction::Kind::send, step.bytes, step.count};
      return Progress::passed;
    case Kind::pause:
      return pause(false, action);
    case Kind::stall:
      return pause(true, action);
    case Kind::hold:
      return hold();
    case Kind::close:
    case Kind::reset:
      action.kind = step.kind == Kind::close ? PeerAction::Kind::close : PeerAction::Kind::reset;
      at_ = steps_.size() - 1;  // no step follows
      return Progress::passed;
  }
  return fail("unknown step");
}

PeerCursor::Progress PeerCursor::expect_bytes(const PeerStep& step) {
  const std::string_view wanted = step.bytes;
  const auto common = std::min(wanted.size(), pending_.size());
  const auto differs = std::mismatch(
      wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(common), pending_.begin());
  const auto same = static_cast<std::size_t>(differs.first - wanted.begin());
  if (same < common) {
    return fail("expected " + excerpt(wanted, same) + ", seen " + excerpt(pending_, same) +
                ", which differs at byte " + std::to_string(same) + " of the step, byte " +
                std::to_string(consumed_ + same) + " of the connection");
  }
  if (common < wanted.size()) return need_more();
  consume(wanted.size());
  return Progress::passed;
}

PeerCursor::Progress PeerCursor::expect_command(const PeerStep& step) {
  const auto command = parse_command(pending_);
  if (command.state == Parsed::incomplete) return need_more();
  if (command.state == Parsed::invalid) return fail("no command: " + excerpt(pending_, 0));
  if (!step.words.empty() && !same_word(command.words.front(), step.words.front())) {
    return fail("expected " + step.words.front() + ", seen " + excerpt(pending_, 0) + " at byte " +
                std::to_string(consumed_) + " of the connection");
  }
  consume(command.used);
  return Progress::passed;
}

PeerCursor::Progress PeerCursor::expect_close() {
  if (!pending_.empty()) return fail("expected the end, seen " + excerpt(pending_, 0));
  return ended_ ? Progress::passed : Progress::waiting;
}

PeerCursor::Progress PeerCursor::handshake(const PeerStep& step, PeerAction& action) {
  const std::size_t all = (std::size_t{1} << step.words.size()) - 1;
  if (answered_ == all) return Progress::passed;
  const auto command = parse_command(pending_);
  if (command.state == Parsed::incomplete) return need_more();
  for (std::size_t i = 0; command.state == Parsed::complete && i < step.words.size(); ++i) {
    const std::size_t bit = std::size_t{1} << i;
    if ((answered_ & bit) != 0 || !answers(step.words[i], command.words)) continue;
    answered_ |= bit;
    consume(command.used);
    action = {.kind = PeerAction::Kind::send, .bytes = "+OK\r\n"};
    return answered_ == all ? Progress::passed : Progress::waiting;
  }
  // The arguments of AUTH are secrets: only the name of the command is shown.
  return fail("in the handshake, unexpected " +
              (command.words.empty() ? "bytes" : command.words.front()));
}

PeerCursor::Progress PeerCursor::discard(const PeerStep& step) {
  const auto n = std::min(step.count - discarded_, pending_.size());
  consume(n);
  discarded_ += n;
  return discarded_ == step.count ? Progress::passed : need_more();
}

PeerCursor::Progress PeerCursor::hold() {
  consume(pending_.size());
  return ended_ ? Progress::passed : Progress::waiting;
}

PeerCursor::Progress PeerCursor::pause(bool stalled, PeerAction& action) {
  if (resumes_ > 0) {
    --resumes_;
    if (stalled_) action.kind = PeerAction::Kind::start_reading;
    stalled_ = false;
    return Progress::passed;
  }
  if (stalled && !stalled_) {
    stalled_ = true;
    action.kind = PeerAction::Kind::stop_reading;
  }
  return Progress::waiting;
}

PeerCursor::Progress PeerCursor::need_more() {
  if (!ended_) return Progress::waiting;
  return fail("the client ended the connection" +
              (pending_.empty() ? std::string() : " after " + excerpt(pending_, 0)));
}

PeerCursor::Progress PeerCursor::fail(const std::string& why) {
  if (!problem_.empty()) return Progress::failed;
  problem_ = at_ < steps_.size()
                 ? "step " + std::to_string(at_ + 1) + " (" + format(steps_[at_]) + "): " + why
                 : "after the last step the client " + why;
  return Progress::failed;
}

bool PeerCursor::paused() const {
  if (at_ >= steps_.size() || resumes_ > 0) return false;
  return steps_[at_].kind == Kind::pause || steps_[at_].kind == Kind::stall;
}

bool PeerCursor::finished() const {
  if (!problem_.empty()) return false;
  return at_ == steps_.size() || (at_ + 1 == steps_.size() && steps_[at_].kind == Kind::hold);
}

}  // namespace djcache::harness
