// Simulation: one seed from its first operation to its last handle.
#pragma once

#include <netdb.h>
#include <uv.h>

#include <cstdint>
#include <set>
#include <string>

#include "simulation/network.h"
#include "simulation/program.h"

namespace djcache::simulation {

struct Figures {
  std::uint64_t seeds = 0;
  std::uint64_t out_of_memory = 0;  // seeds with a failed allocation
  std::uint64_t operations = 0;
  std::uint64_t executions = 0;  // by the server
  std::uint64_t turns = 0;
  std::uint64_t ends[errc_count + 1] = {};  // by error; the last: success
  // Kind of operation, outcome, kinds of faults so far: the combinations seen.
  std::set<std::uint64_t> states;
};

class Simulation final : private EventSink {
 public:
  Simulation();
  static Simulation& current() { return *current_; }

  // False: failure() says what is wrong. Nothing can be run after that.
  bool run(std::uint64_t seed, bool traced = false);
  // The same with `change(plan)` after the plan was made.
  template <class Change>
  bool run_changed(std::uint64_t seed, Change change, bool traced = false) {
    begin(seed, traced);
    change(plan_);
    return run_planned();
  }
  const std::string& failure() const { return world_.failure(); }
  const std::string& trace() const { return world_.trace(); }
  const Figures& figures() const { return figures_; }
  const World& world() const { return world_; }
  std::uint64_t turns() const { return loop_.turns(); }
  std::size_t operations() const { return program_.operations().size(); }
  // How many of these were refused for lack of memory, and how many ended with an error.
  std::size_t refused() const { return program_.refusals(); }
  std::size_t told_of(Errc code) const;

  // For the replacement of libuv.
  Network& network() { return network_; }
  void resolve(uv_getaddrinfo_t& request);

 private:
  void happen(const Event& event) override;
  void poll_closed(Handle& handle) override { network_.watch(handle.descriptor, nullptr); }
  void resolved(std::uint32_t place);
  template <class Condition>
  void run_while(Condition condition);
  void begin(std::uint64_t seed, bool traced);
  bool run_planned();
  void end();
  void count();

  static inline Simulation* current_ = nullptr;
  World world_;
  Truth truth_;
  Fleet fleet_;
  Loop loop_;
  Network network_;
  Program program_;
  Plan plan_;
  std::vector<uv_getaddrinfo_t*> names_;  // being resolved
  Figures figures_;
};

// Runs a seed again and returns its trace, readable.
std::string trace_of(std::uint64_t seed);

}  // namespace djcache::simulation
