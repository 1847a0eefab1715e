// Judge: whether the result of an operation may be true.
//
// A success must be the result of an execution: with the operation's key and, for a write, its
// nonce, after it was issued, and behind every write of the same key that was issued before it and
// has been acknowledged. An error must have a cause that has occurred.
#pragma once

#include <string>
#include <vector>

#include "simulation/operation.h"
#include "simulation/plan.h"

namespace djcache::simulation {

class Judge {
 public:
  Judge(World& world, Truth& truth) : world_(world), truth_(truth) {}

  void reset(const Plan& plan) {
    plan_ = &plan;
    nonces_.clear();
    disconnected_before_.clear();
  }

  // --- Values.
  std::uint32_t new_nonce(const Nonce& nonce) {
    nonces_.push_back(nonce);
    return static_cast<std::uint32_t>(nonces_.size() - 1);
  }
  Value make_value(std::uint32_t nonce) const;
  static bool is_counter(std::uint8_t name) { return name >= first_counter; }
  static constexpr std::uint8_t first_counter = 8;

  // Engine `engine` was told to disconnect; operations with places below `operations` were pending.
  void note_disconnect(std::uint32_t engine, std::size_t operations);

  // --- The end of operation `place`.
  using Operations = std::vector<Operation>;
  void flag(Operations& all, std::size_t place, bool flag);
  void done(Operations& all, std::size_t place);
  void number(Operations& all, std::size_t place, std::int64_t number);
  void value(Operations& all, std::size_t place, const Value* value);
  void found(Operations& all, std::size_t place, std::size_t index, const Value* value);
  void produced(Operations& all, std::size_t place, const Value& value);
  void error(Operations& all, std::size_t place, const Error& error);
  // A connection was lost, which needs a cause.
  void lost(const PoolEvent& event);

 private:
  Seen seen(const Operation& operation, std::uint8_t name, const Value* value);
  std::int64_t make_value_number(const Operation& operation, std::size_t index) const;
  std::size_t behind(const Operations& all, std::size_t place, Truth::KeyId key) const;
  // An execution with the operation's own key that fits; reports a failure if there is none.
  template <class F>
  void expect(Operations& all, std::size_t place, std::size_t index, bool claims, F fits,
              std::string_view told);
  bool has_cause(const Operation& operation, std::size_t place, Errc code) const;
  bool any(std::initializer_list<Fault> faults) const;
  void complain(const Operation& operation, std::size_t place, std::string_view what);

  World& world_;
  Truth& truth_;
  const Plan* plan_ = nullptr;
  std::vector<Nonce> nonces_;
  std::vector<std::size_t> disconnected_before_;  // by engine
};

}  // namespace djcache::simulation
