// Shared by the tests of Calls: calls that record how they end.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"

namespace djcache {

using Lines = std::vector<std::string>;

struct CallsTest : ::testing::Test {
  // Records how it ended, and counts the existing instances.
  struct Probe final : Call {
    Probe(CallsTest& test, std::string with_name) : owner(test), name(std::move(with_name)) {
      ++owner.living;
    }
    ~Probe() override { --owner.living; }
    void finish(const Outcome& outcome) override {
      if (!given_up()) {
        owner.ended.push_back(name + (outcome.error != nullptr ? ": " + outcome.error->detail
                                      : outcome.flag           ? " flag"
                                                               : " ok"));
      }
      auto then = std::move(on_end);
      release();
      if (then) then();
    }
    void give_up(const Error& error) override {
      owner.ended.push_back(name + " gave up: " + error.detail);
      if (on_end) std::exchange(on_end, nullptr)();
    }
    CallsTest& owner;
    std::string name;
    std::function<void()> on_end;
  };

  Probe* make(std::string name) { return calls.make<Probe>(*this, std::move(name)); }
  Lines run() {
    calls.run_deferred();
    return std::exchange(ended, {});
  }

  int turns = 0;
  int living = 0;
  Lines ended;
  Calls calls{[this] { ++turns; }};
};

}  // namespace djcache
