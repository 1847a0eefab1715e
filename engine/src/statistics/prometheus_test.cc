// The text format, checked line by line against its rules.
#include <djcache/statistics.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace djcache {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<CacheStatistics> two_caches() {
  CacheStatistics memory{.alias = "default", .backend = "memory", .operations = 7, .hits = 5};
  memory.errors[static_cast<std::size_t>(Errc::key_not_found)] = 3;
  memory.latency.add(0);
  memory.latency.add(8);
  memory.latency.add(9);
  memory.latency.add(60'000'000);
  memory.store = StoreStatistics{.entries = 11, .evicted_for_bytes = 2};
  return {memory, {.alias = "say \"hi\"\\\n", .backend = "redis"}};
}

// The samples of a family are contiguous, after its single announcement.
TEST(Prometheus, EveryLineFollowsTheFormat) {
  const std::regex help(R"(# HELP ([a-z_]+) [^\n\\]+)");
  const std::regex type(R"(# TYPE ([a-z_]+) (counter|gauge|histogram))");
  const std::regex sample(
      R"re(([a-z_]+)\{([a-z]+="(?:[^"\\]|\\[\\n"])*"(?:,[a-z]+="(?:[^"\\]|\\[\\n"])*")*)\} [0-9]+(?:\.[0-9]+)?)re");
  const std::string text = prometheus_text(two_caches());
  ASSERT_TRUE(text.ends_with("\n"));
  std::set<std::string> families, samples;
  std::string family, kind, line;
  for (std::istringstream lines(text); std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      family = match[1];
      EXPECT_TRUE(families.insert(family).second) << line;
    } else if (std::regex_match(line, match, type)) {
      EXPECT_EQ(match[1], family);
      kind = match[2];
      EXPECT_EQ(family.ends_with("_total"), kind == "counter") << line;
    } else {
      ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
      const std::string name = match[1];
      EXPECT_TRUE(samples.insert(name + "{" + match[2].str()).second) << "twice: " << line;
      if (kind == "histogram") {
        EXPECT_THAT(
            (std::vector<std::string>{family + "_bucket", family + "_sum", family + "_count"}),
            testing::Contains(name));
      } else {
        EXPECT_EQ(name, family);
      }
    }
  }
}

TEST(Prometheus, AHistogramIsCumulativeAndEndsWithItsCount) {
  const std::string text = prometheus_text(two_caches());
  const std::string labels = "{alias=\"default\",backend=\"memory\"";
  const auto line = [&](const std::string& rest) { return HasSubstr(labels + rest + "\n"); };
  EXPECT_THAT(text, line(",le=\"0.000008\"} 2"));
  EXPECT_THAT(text, line(",le=\"0.000016\"} 3"));
  EXPECT_THAT(text, line(",le=\"33.554432\"} 3"));
  EXPECT_THAT(text, line(",le=\"+Inf\"} 4"));
  EXPECT_THAT(text, HasSubstr("djcache_latency_seconds_count" + labels + "} 4\n"));
  EXPECT_THAT(text, HasSubstr("djcache_latency_seconds_sum" + labels + "} 60.000017\n"));
}

TEST(Prometheus, LabelsAreEscaped) {
  EXPECT_THAT(
      prometheus_text(two_caches()),
      HasSubstr("djcache_hits_total{alias=\"say \\\"hi\\\"\\\\\\n\",backend=\"redis\"} 0\n"));
}

TEST(Prometheus, WhatABackendDoesNotHaveIsNotThere) {
  const std::string text = prometheus_text(two_caches());
  EXPECT_THAT(text, HasSubstr("djcache_entries{alias=\"default\",backend=\"memory\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("cause=\"bytes\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("backend=\"memory\",code=\"key_not_found\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("djcache_entries{alias=\"say")));
  EXPECT_THAT(text, Not(HasSubstr("code=\"timeout\"")));
}

TEST(Prometheus, EveryErrorHasAName) {
  EXPECT_EQ(to_string(static_cast<Errc>(errc_count)), "unknown error code");
  for (std::size_t i = 0; i < errc_count; ++i) {
    EXPECT_NE(to_string(static_cast<Errc>(i)), "unknown error code") << i;
  }
}

}  // namespace
}  // namespace djcache
