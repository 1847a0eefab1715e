// Server: executes the commands that the engine sends like a redis-server, and no others. One
// thread, two databases, exact replies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulation/plan.h"
#include "simulation/truth.h"
#include "simulation/world.h"

namespace djcache::simulation {

// The server's state of a connection.
struct Session {
  std::string input;
  std::size_t head = 0;
  std::uint32_t db = 0;
  bool authenticated = false;
  bool subscribed = false;  // to what a Sentinel publishes
  bool transaction = false;
  bool refused = false;             // something in the transaction was
  std::vector<std::string> queued;  // its commands

  void reset() { *this = Session{}; }
};

// Decides whether the server fails, according to the seed's plan.
class Mood {
 public:
  virtual bool strikes(Fault fault) = 0;

 protected:
  ~Mood() = default;
};

using Arguments = std::vector<std::string_view>;

// A Sentinel, which answers otherwise.
class Oracle {
 public:
  virtual void answer(const Arguments& words, Session& session, std::string& out) = 0;

 protected:
  ~Oracle() = default;
};

class Server {
 public:
  Server(World& world, Truth& truth, Oracle* oracle = nullptr)
      : world_(world), truth_(truth), oracle_(oracle) {}

  void reset(const Plan& plan);
  void restart(bool keeps_data);

  // --- Of a service that Sentinels watch.
  void become_replica() {
    replica_ = true;
    replaced_until_ = never;
  }
  void become_primary_after(const Server& old) {
    replica_ = false;
    entries_ = old.entries_;
  }
  // Another is the primary. It does not know, but no command may arrive later than that.
  void note_replaced(Micros no_later) { replaced_until_ = no_later; }
  bool is_replica() const { return replica_; }

  // Reads commands, executes the complete ones, appends replies to `out`.
  void receive(Session& session, std::string_view bytes, Mood& mood, std::string& out);

 private:
  struct Entry {
    std::uint32_t db = 0;
    std::string key;
    std::string bytes;
    Micros expires = never;
  };

  // The size of the first command; 0: incomplete.
  std::size_t parse(std::string_view bytes, Arguments& arguments);
  void answer(Session& session, std::string_view command, Mood& mood, std::string& out);
  bool handshake(Session& session, std::string& out);
  bool unknown(std::string& out);
  bool refuse(Session& session, Mood& mood, std::string& out);
  bool transaction(Session& session, std::string_view command, std::string& out);
  void execute(std::uint32_t db, std::string& out);
  void execute_many(std::uint32_t db, std::string& out);
  void execute_life(std::uint32_t db, std::string& out);
  void set(std::uint32_t db, std::string& out);
  void script(std::uint32_t db, std::string& out);
  void incr(std::uint32_t db, std::string_view key, std::string_view delta, bool makes,
            std::string& out);
  void move(std::uint32_t db, std::string& out);

  Entry* find(std::uint32_t db, std::string_view key);
  void store(std::uint32_t db, std::string_view key, std::string_view bytes, Micros expires);
  bool erase(std::uint32_t db, std::string_view key);
  Micros expiry(std::string_view seconds) const;
  bool is(std::string_view word) const { return arguments_[0] == word; }
  Execution& log(std::uint32_t db, std::string_view key, Verb verb);
  void log_read(std::uint32_t db, std::string_view key, std::string& out);

  World& world_;
  Truth& truth_;
  Oracle* oracle_;
  bool replica_ = false;
  Micros replaced_until_ = never;
  bool wants_password_ = false;
  bool lacks_scripts_ = false;
  bool lacks_transactions_ = false;
  std::vector<Entry> entries_;
  Arguments arguments_;
};

}  // namespace djcache::simulation
