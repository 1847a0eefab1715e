// The ledger: sent bytes, deadlines, and rebuilding.
#include "link/pipeline.h"

#include <gtest/gtest.h>

#include <random>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

void push(Pipeline& pipeline, std::uintptr_t id, std::string_view command, const Issue& how = {}) {
  pipeline.push(commit(pipeline.out(), id, command, how));
}

std::string unsent(const Pipeline& pipeline) {
  OutBuffer::Piece pieces[8];
  std::string text;
  const std::size_t count = pipeline.out().unsent_pieces(pieces, std::size(pieces));
  for (std::size_t i = 0; i < count; ++i) text.append(pieces[i].data, pieces[i].size);
  return text;
}

TEST(Pipeline, ACommandIsInFlightWhenItsLastByteIsSent) {
  Pipeline pipeline;
  push(pipeline, 1, "12345");
  push(pipeline, 2, "678");
  const std::pair<std::size_t, std::size_t> steps[] = {{4, 0}, {1, 1}, {2, 1}, {1, 2}};
  for (const auto& [bytes, in_flight] : steps) {
    pipeline.sent(bytes);
    EXPECT_EQ(pipeline.in_flight(), in_flight);
  }
  push(pipeline, 3, "9");
  EXPECT_EQ(pipeline.in_flight(), 2u);
  pipeline.sent(1);
  EXPECT_EQ(pipeline.in_flight(), 3u);
}

TEST(Pipeline, SeveralCommandsMayBeSentAtOnce) {
  Pipeline pipeline;
  for (std::uintptr_t i = 0; i < 100; ++i) push(pipeline, i, std::string(i + 1, 'x'));
  pipeline.sent(5050 - 1);
  EXPECT_EQ(pipeline.in_flight(), 99u);
  pipeline.sent(1);
  EXPECT_EQ(pipeline.in_flight(), 100u);
}

TEST(Pipeline, DeadlinesAreGivenOnceAndTheEarliestIsTold) {
  Pipeline pipeline;
  EXPECT_EQ(pipeline.stamp(100), never);
  EXPECT_TRUE(pipeline.stamped());
  push(pipeline, 1, "a", {.limit_ms = 50});
  push(pipeline, 2, "b", {.limit_ms = 20});
  EXPECT_FALSE(pipeline.stamped());
  EXPECT_EQ(pipeline.earliest(), never);
  EXPECT_EQ(pipeline.stamp(100), 120u);
  push(pipeline, 3, "c", {.limit_ms = 5});
  EXPECT_EQ(pipeline.earliest(), 120u);
  EXPECT_EQ(pipeline.stamp(200), 205u);
  EXPECT_EQ(pipeline[0].deadline, 150u);
  EXPECT_EQ(pipeline[1].deadline, 120u);
  EXPECT_EQ(pipeline.earliest(), 120u);
  pipeline[1].call = nullptr;
  EXPECT_EQ(pipeline.earliest(), 150u);
}

TEST(Pipeline, AReplyMayComeBeforeItsDeadlineWasGiven) {
  Pipeline pipeline;
  push(pipeline, 1, "a");
  push(pipeline, 2, "b");
  pipeline.sent(2);
  pipeline.pop();
  pipeline.release(1);
  EXPECT_EQ(pipeline.stamp(100), 600u);
  pipeline.pop();
  pipeline.release(1);
  EXPECT_TRUE(pipeline.stamped());
  EXPECT_TRUE(pipeline.empty());
}

TEST(Pipeline, RebuildingKeepsOrderAndMakesEverythingUnsent) {
  Pipeline pipeline;
  for (std::uintptr_t i = 1; i <= 6; ++i) {
    push(pipeline, i, "cmd" + std::to_string(i) + ";");
    if (i == 4) pipeline.stamp(100);
  }
  pipeline.sent(5);
  pipeline.pop();
  pipeline.release(5);
  pipeline.sent(5 + 5 + 2);
  Lines seen;
  const OutBuffer old = pipeline.rebuild([&](Slot& slot, Pipeline::Sent sent) {
    seen.push_back(std::to_string(id_of(slot.call)) + (sent == Pipeline::Sent::wholly ? " sent"
                                                       : sent == Pipeline::Sent::partly
                                                           ? " partly"
                                                           : " unsent"));
    return id_of(slot.call) % 2 == 0;
  });
  EXPECT_EQ(seen, (Lines{"2 sent", "3 sent", "4 partly", "5 unsent", "6 unsent"}));
  EXPECT_EQ(unsent(pipeline), "cmd2;cmd4;cmd6;");
  EXPECT_EQ(pipeline.in_flight(), 0u);
  EXPECT_EQ(pipeline.size(), 3u);
  EXPECT_EQ(pipeline[0].deadline, 600u);
  EXPECT_EQ(pipeline[2].deadline, never);
  EXPECT_FALSE(pipeline.stamped());
  EXPECT_EQ(pipeline.stamp(900), 1400u);
  EXPECT_EQ(old.size(), 25u) << "the socket may still be reading from it";
}

TEST(Pipeline, RebuildingAcrossChunksCopiesEveryByte) {
  Pipeline pipeline;
  std::string all;
  for (std::uintptr_t i = 1; i <= 40; ++i) {
    const std::string command(9'000 + i * 97, static_cast<char>('a' + i % 26));
    push(pipeline, i, command);
    if (i % 3 != 0) all += command;
  }
  pipeline.sent(100'000);
  (void)pipeline.rebuild([](Slot& slot, Pipeline::Sent) { return id_of(slot.call) % 3 != 0; });
  EXPECT_EQ(pipeline.out().unsent(), all.size());
  EXPECT_EQ(unsent(pipeline), all);
}

// With equal or arbitrary limits, whatever was answered, lost or sent again meanwhile.
TEST(Pipeline, ExactlyWhatIsDueExpires) {
  std::mt19937 random(3);
  Pipeline pipeline;
  std::uintptr_t id = 0;
  for (Millis now = 1; now < 5000; ++now) {
    const bool mixed = now / 500 % 2 == 0;
    for (unsigned i = random() % 4; i > 0; --i) {
      push(pipeline, ++id, "x",
           {.limit_ms = mixed ? static_cast<std::uint32_t>(random() % 300) : 100});
    }
    if (random() % 3 > 0) pipeline.stamp(now);
    pipeline.sent(pipeline.out().unsent());
    for (unsigned i = random() % 5; i > 0 && !pipeline.empty() && random() % 2 == 0; --i) {
      pipeline.pop();
      pipeline.release(1);
    }
    if (random() % 100 == 0) {
      (void)pipeline.rebuild([&](const Slot& slot, auto) { return slot.call != nullptr; });
    }
    std::vector<Call*> due, expired;
    for (std::size_t i = 0; i < pipeline.size(); ++i) {
      if (pipeline[i].call != nullptr && pipeline[i].deadline <= now)
        due.push_back(pipeline[i].call);
    }
    pipeline.expire(now, [&](const Slot& slot) { expired.push_back(slot.call); });
    ASSERT_EQ(expired, due);
    Millis earliest = never;
    for (std::size_t i = 0; i < pipeline.size(); ++i) {
      const Slot& slot = pipeline[i];
      if (slot.call != nullptr) earliest = std::min(earliest, slot.deadline);
    }
    ASSERT_EQ(pipeline.earliest(), earliest);
  }
}

// Looking at all of them each time would be 20 billion looks.
TEST(Pipeline, OfManyThatWaitEachIsLookedAtWhenItIsDue) {
  Pipeline pipeline;
  constexpr std::size_t many = 200'000;
  for (Millis now = 0; now < many; ++now) {
    push(pipeline, now + 1, "x", {.limit_ms = many});
    pipeline.stamp(now);
  }
  std::size_t expired = 0;
  for (Millis now = many; now < 2 * many; ++now) {
    EXPECT_EQ(pipeline.earliest(), now);
    pipeline.expire(now, [&](const Slot&) { ++expired; });
  }
  EXPECT_EQ(expired, many);
  EXPECT_EQ(pipeline.earliest(), never);
}

}  // namespace
}  // namespace djcache::link::test
