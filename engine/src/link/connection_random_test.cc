// The connection under a random schedule from a seed: all events in any order. Values contain their
// callers, so that a reply to the wrong caller is noticed.
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

// A server that answers "<id>;" with the id, now or later, whole or in pieces.
class World {
 public:
  explicit World(std::uint32_t seed) : random_(seed) {
    config_.backoff_max = 50;
    config_.connect_limit = 200;
    config_.stall_limit = 300;
    config_.caps.bulk_bytes = 40'000;
    renew();
    totals_.random = seed | 1;
  }

  void step() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
        return issue();
      case 3:
        connection_->on_turn(now_);
        break;
      case 4:
      case 5:
        write(1 + below(60'000));
        break;
      case 6:
      case 7:
      case 8:
        reply(1 + below(below(4) == 0 ? 100'000 : 30));
        break;
      case 9:
        now_ += below(below(10) == 0 ? 400 : 20);
        break;
      case 10:
        if (connection_->next_tick() <= now_) connection_->on_tick(now_);
        break;
      case 11:
        establish();
        break;
      case 12:
        if (below(60) == 0) misbehave();
        break;
      case 13:
        if (connection_->state() == State::closing) connection_->on_closed(now_);
        break;
      case 14:
        if (below(200) == 0) connection_->retire(now_, now_ + below(2) * below(300));
        break;
      case 15:
        if (below(100) == 0) connection_->on_lost("reset");
        break;
    }
    look();
  }

  // Runs everything to its end.
  void finish() {
    finishing_ = true;
    connection_->retire(now_, now_);
    look();
    if (connection_->state() == State::closing) connection_->on_closed(now_);
    look();
    EXPECT_TRUE(connection_->finished());
    EXPECT_TRUE(waiting_.empty());
    EXPECT_EQ(totals_.operations, 0u);
    EXPECT_EQ(totals_.bytes, 0u);
    EXPECT_EQ(issued_, ended_);
  }

  std::size_t issued() const { return issued_; }
  std::size_t answered() const { return answered_; }
  const PoolStatistics& statistics() const { return totals_.statistics; }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  void renew() {
    connection_ = std::make_unique<Connection>(config_, totals_, 0);
    forget_peer();
  }
  void forget_peer() {
    inbox_.clear();
    outbox_.clear();
    broken_ = false;
  }

  void issue() {
    if (finishing_) return;
    if (connection_->retired()) {
      if (!connection_->finished()) return;
      renew();
    }
    const std::uintptr_t id = ++issued_;
    // Long commands span chunks, long values (chosen by the id) bypass the reader.
    std::string command = std::to_string(id);
    if (below(30) == 0) command += std::string(below(30'000), ' ');
    Issue how;
    how.limit_ms = static_cast<std::uint32_t>(1 + below(300));
    how.idempotent = below(2) == 0;
    how.replies = below(8) == 0 ? 3 : 1;
    command += how.replies == 3 ? "+;" : ";";
    connection_->push(commit(connection_->out(), id, command, how));
    waiting_.insert(id);
  }

  void write(std::size_t most) {
    OutBuffer::Piece pieces[3];
    const std::size_t count = connection_->pieces(pieces, std::size(pieces));
    std::size_t total = 0;
    for (std::size_t i = 0; i < count && total < most; ++i) {
      const std::size_t size = std::min(pieces[i].size, most - total);
      inbox_.append(pieces[i].data, size);
      total += size;
    }
    if (total > 0) connection_->wrote(total);
    if (connection_->state() == State::handshaking) {
      if (inbox_.ends_with("PING\r\n")) outbox_ += "+PONG\r\n";
      if (inbox_.ends_with("PING\r\n")) inbox_.clear();
      return;
    }
    for (std::size_t end; (end = inbox_.find(';')) != std::string::npos;) {
      serve(inbox_.substr(0, end));
      inbox_.erase(0, end + 1);
    }
  }

  static std::string value_of(std::uintptr_t id) {
    std::string text = std::to_string(id);
    if (id % 50 == 0) text += std::string(20'000 + id % 30'000, 'v');
    return text;
  }

  void serve(const std::string& command) {
    const std::uintptr_t id = std::stoull(command);
    if (command.ends_with('+')) outbox_ += "+OK\r\n+QUEUED\r\n";
    if (id % 97 == 0) {
      outbox_ += "-READONLY " + std::to_string(id) + "\r\n";
    } else {
      outbox_ += resp::test::bulk(value_of(id));
    }
  }

  void reply(std::size_t most) {
    if (!connection_->has_socket() || outbox_.empty()) return;
    const std::string bytes = outbox_.substr(0, most);
    outbox_.erase(0, bytes.size());
    const auto borrowed = std::make_unique<char[]>(bytes.size());
    std::memcpy(borrowed.get(), bytes.data(), bytes.size());
    connection_->on_bytes(now_, {borrowed.get(), bytes.size()});
    look();
  }

  void establish() {
    if (connection_->state() != State::connecting) return;
    if (below(5) == 0) return connection_->on_connect_failed(now_, "refused");
    forget_peer();
    connection_->on_connected(now_);
  }

  void misbehave() {
    static constexpr std::string_view garbage[] = {"?\r\n", "*1000000000\r\n", "$3\r\nabcde"};
    outbox_ += garbage[below(std::size(garbage))];
    broken_ = true;
  }

  void look() {
    Completion end;
    while (connection_->next(end)) {
      const std::uintptr_t id = id_of(end.call);
      ASSERT_EQ(waiting_.erase(id), 1u) << id << " ended twice";
      ++ended_;
      if (end.reply != nullptr) check_reply(id, *end.reply, end);
      if (below(10) == 0) issue();  // like a callback
    }
    (void)connection_->take_action();
    totals_.events.clear();
  }

  void check_reply(std::uintptr_t id, const resp::Reply& reply, const Completion& end) {
    ++answered_;
    ASSERT_TRUE(end.command.starts_with(std::to_string(id))) << end.command.substr(0, 20);
    if (broken_ && reply.type() == resp::Type::array) return;
    if (reply.type() == resp::Type::oversized) {
      ASSERT_EQ(static_cast<std::size_t>(reply.integer()), value_of(id).size());
    } else if (reply.is_error()) {
      ASSERT_EQ(reply.text(), "READONLY " + std::to_string(id));
    } else {
      ASSERT_EQ(reply.text(), value_of(id));
    }
  }

  std::mt19937 random_;
  ConnectionConfig config_ = plain();
  PoolTotals totals_;
  std::unique_ptr<Connection> connection_;
  Millis now_ = 1000;
  std::string inbox_;   // of the server
  std::string outbox_;  // the same
  bool broken_ = false;
  bool finishing_ = false;
  std::unordered_set<std::uintptr_t> waiting_;
  std::size_t issued_ = 0;
  std::size_t ended_ = 0;
  std::size_t answered_ = 0;
};

TEST(RandomSchedule, EveryOperationEndsOnceAndWithItsOwnValue) {
  PoolStatistics all;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int step = 0; step < 10'000 && !::testing::Test::HasFatalFailure(); ++step) world.step();
    world.finish();
    ASSERT_FALSE(::testing::Test::HasFailure());
    EXPECT_GT(world.issued(), 500u);
    EXPECT_GT(world.answered(), 50u);
    all.timeouts += world.statistics().timeouts;
    all.retries += world.statistics().retries;
    all.late_replies += world.statistics().late_replies;
    all.protocol_errors += world.statistics().protocol_errors;
    all.connect_failures += world.statistics().connect_failures;
  }
  // The schedule must have been eventful.
  for (const std::uint64_t count :
       {all.timeouts, all.retries, all.late_replies, all.protocol_errors, all.connect_failures}) {
    EXPECT_GT(count, 20u);
  }
}

}  // namespace
}  // namespace djcache::link::test
