// What the tests of Sentinels share: services of their own, and settings for them.
#pragma once

#include <djcache/harness/sentinel_group.h>

#include <chrono>

#include "engine/raw_fixture.h"

namespace djcache {

class Sentinels : public RawTest {
 protected:
  harness::SentinelGroup& group(harness::SentinelGroupOptions options = {}) {
    auto started = harness::SentinelGroup::start(std::move(options));
    EXPECT_TRUE(started) << started.problem;
    groups_.push_back(std::move(started.value));
    return *groups_.back();
  }
  static SentinelOptions sentinels_of(harness::SentinelGroup& group) {
    SentinelOptions options;
    for (const auto& [host, port] : group.addresses()) options.addresses.push_back({host, port});
    return options;
  }
  CacheSettings settings(harness::SentinelGroup& group, const std::string& password = "") {
    CacheSettings settings{.location = {"redis://" +
                                        (password.empty() ? "" : ":" + password + "@") +
                                        group.service() + "/0"}};
    settings.options.sentinel = sentinels_of(group);
    settings.options.command_limit = 3s;
    return settings;
  }
  // Again and again, like a program.
  template <class Try>
  static bool in_time(Try once, std::chrono::seconds limit = 60s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      if (once()) return true;
    }
    return false;
  }

  std::vector<std::unique_ptr<harness::SentinelGroup>> groups_;
};

}  // namespace djcache
