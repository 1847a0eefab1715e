// The out buffer: chunks, marks, and bytes that do not move while they are being sent.
#include "link/out_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>
#include <string>

namespace djcache::link {
namespace {

void append(OutBuffer& buffer, std::string_view bytes) {
  std::memcpy(buffer.reserve(bytes.size()), bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

std::string unsent(const OutBuffer& buffer) {
  OutBuffer::Piece pieces[256];
  std::string text;
  const std::size_t count = buffer.unsent_pieces(pieces, std::size(pieces));
  for (std::size_t i = 0; i < count; ++i) text.append(pieces[i].data, pieces[i].size);
  return text;
}

std::string filler(std::size_t size, char with) { return std::string(size, with); }

TEST(OutBuffer, HoldsCommandsUntilTheyAreAnswered) {
  OutBuffer buffer;
  append(buffer, "one;");
  append(buffer, "two;");
  EXPECT_EQ(unsent(buffer), "one;two;");
  buffer.sent(6);
  EXPECT_EQ(unsent(buffer), "o;");
  EXPECT_EQ(buffer.unsent(), 2u);
  EXPECT_EQ(buffer.size(), 8u);
  EXPECT_EQ(buffer.front(4), "one;");
  buffer.release(4);
  EXPECT_EQ(buffer.size(), 4u);
  EXPECT_EQ(buffer.front(4), "two;");
  buffer.sent(2);
  buffer.release(4);
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(unsent(buffer), "");
}

TEST(OutBuffer, ALittleTakesALittle) {
  OutBuffer buffer;
  EXPECT_EQ(buffer.held(), 0u);
  append(buffer, "one;");
  EXPECT_EQ(buffer.held(), OutBuffer::first_chunk_bytes);
  append(buffer, filler(OutBuffer::first_chunk_bytes, 'x'));
  EXPECT_EQ(buffer.held(), OutBuffer::first_chunk_bytes + OutBuffer::chunk_bytes);
}

TEST(OutBuffer, FallsBackToNothingWhenItIsEmpty) {
  OutBuffer buffer;
  for (int i = 0; i < 8; ++i) append(buffer, filler(OutBuffer::chunk_bytes, 'x'));
  buffer.sent(buffer.unsent());
  for (int i = 0; i < 7; ++i) buffer.release(OutBuffer::chunk_bytes);
  buffer.fall_back();
  EXPECT_EQ(buffer.held(), OutBuffer::chunk_bytes) << "the one in use";
  EXPECT_EQ(buffer.front(3), "xxx");
  buffer.release(OutBuffer::chunk_bytes);
  buffer.fall_back();
  EXPECT_EQ(buffer.held(), 0u);
  append(buffer, "one;");
  buffer.fall_back();
  EXPECT_EQ(unsent(buffer), "one;");
  buffer.sent(4);
  buffer.release(4);
  buffer.fall_back();
  EXPECT_EQ(buffer.held(), OutBuffer::first_chunk_bytes) << "of so little it keeps all";
}

// The memory held is counted correctly, whatever chunks come and go.
TEST(OutBuffer, WhatItHoldsIsWhatItsChunksAre) {
  std::mt19937 random(5);
  OutBuffer buffer;
  std::deque<std::size_t> commands;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t size = 1 + random() % (random() % 10 == 0 ? 100'000 : 3000);
    append(buffer, filler(size, 'x'));
    buffer.sent(buffer.unsent());
    commands.push_back(size);
    while (!commands.empty() && random() % 2 == 0) {
      buffer.release(commands.front());
      commands.pop_front();
    }
    if (random() % 50 == 0) buffer.fall_back();
    ASSERT_GE(buffer.held(), buffer.size());
  }
  for (const std::size_t size : commands) buffer.release(size);
  buffer.fall_back();
  EXPECT_LE(buffer.held(), OutBuffer::first_chunk_bytes);
}

TEST(OutBuffer, AnEmptyOneHasNothing) {
  OutBuffer buffer;
  OutBuffer::Piece piece;
  EXPECT_EQ(buffer.unsent_pieces(&piece, 1), 0u);
  EXPECT_EQ(buffer.front(1), "");
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0u);
}

TEST(OutBuffer, ACommandIsContiguousEvenWhenLargerThanAChunk) {
  for (const std::size_t before : {std::size_t{0}, std::size_t{10}, OutBuffer::chunk_bytes - 1}) {
    for (const std::size_t size : {OutBuffer::chunk_bytes - 1, OutBuffer::chunk_bytes,
                                   OutBuffer::chunk_bytes + 1, 10 * OutBuffer::chunk_bytes}) {
      OutBuffer buffer;
      if (before > 0) append(buffer, filler(before, 'b'));
      append(buffer, filler(size, 'c'));
      append(buffer, "after;");
      EXPECT_EQ(unsent(buffer), filler(before, 'b') + filler(size, 'c') + "after;");
      buffer.sent(buffer.unsent());
      if (before > 0) buffer.release(before);
      EXPECT_EQ(buffer.front(size), filler(size, 'c'));
      buffer.release(size);
      EXPECT_EQ(buffer.front(6), "after;");
    }
  }
}

TEST(OutBuffer, NothingMovesWhileUnsentPiecesAreBeingRead) {
  OutBuffer buffer;
  append(buffer, filler(1000, 'a'));
  append(buffer, filler(70'000, 'b'));
  OutBuffer::Piece before[2];
  ASSERT_EQ(buffer.unsent_pieces(before, 2), 2u);
  for (int i = 0; i < 500; ++i) append(buffer, filler(1000, 'c'));
  OutBuffer::Piece after[2];
  ASSERT_EQ(buffer.unsent_pieces(after, 2), 2u);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(before[i].data, after[i].data);
  EXPECT_EQ(std::string_view(before[1].data, 70'000), filler(70'000, 'b'));
}

TEST(OutBuffer, NoMorePiecesAreGivenThanAskedFor) {
  OutBuffer buffer;
  for (int i = 0; i < 5; ++i) append(buffer, filler(OutBuffer::chunk_bytes, 'x'));
  OutBuffer::Piece pieces[8];
  EXPECT_EQ(buffer.unsent_pieces(pieces, 3), 3u);
  EXPECT_EQ(buffer.unsent_pieces(pieces, 8), 5u);
  buffer.sent(OutBuffer::chunk_bytes);
  EXPECT_EQ(buffer.unsent_pieces(pieces, 8), 4u);
}

TEST(OutBuffer, AnEmptyChunkDoesNotHideALargeCommand) {
  OutBuffer buffer;
  append(buffer, "small;");
  buffer.sent(6);
  buffer.release(6);
  append(buffer, filler(200'000, 'L'));
  EXPECT_EQ(buffer.front(200'000), filler(200'000, 'L'));
}

TEST(OutBuffer, AnAnsweredChunkIsUsedAgain) {
  OutBuffer buffer;
  append(buffer, "one;");
  OutBuffer::Piece first;
  ASSERT_EQ(buffer.unsent_pieces(&first, 1), 1u);
  for (int i = 0; i < 100'000; ++i) {
    buffer.sent(4);
    buffer.release(4);
    append(buffer, "two;");
  }
  OutBuffer::Piece last;
  ASSERT_EQ(buffer.unsent_pieces(&last, 1), 1u);
  EXPECT_EQ(last.data, first.data);
}

TEST(OutBuffer, ReadingSkipsOrCopies) {
  OutBuffer buffer;
  std::string wanted;
  for (int i = 0; i < 60; ++i) {
    const std::string command = filler(5'000, static_cast<char>('0' + i));
    append(buffer, command);
    if (i >= 3 && i % 2 == 0) wanted += command;
  }
  buffer.sent(20'000);
  buffer.release(15'000);  // three commands
  OutBuffer copy;
  OutBuffer::Cursor cursor;
  for (int i = 3; i < 60; ++i) buffer.read(cursor, 5'000, i % 2 == 0 ? &copy : nullptr);
  EXPECT_EQ(unsent(copy), wanted);
  EXPECT_EQ(copy.size(), wanted.size());
}

TEST(OutBuffer, ReadingGoesOverSeveralChunks) {
  OutBuffer buffer;
  append(buffer, filler(60'000, 'a'));
  append(buffer, filler(60'000, 'b'));
  append(buffer, filler(60'000, 'c'));
  OutBuffer copy;
  OutBuffer::Cursor cursor;
  buffer.read(cursor, 180'000, &copy);
  EXPECT_EQ(unsent(copy), unsent(buffer));
}

TEST(OutBuffer, WhatLiesInSeveralPiecesIsReleasedAtOnceButNotViewed) {
  OutBuffer buffer;
  append(buffer, filler(60'000, 'a'));
  append(buffer, filler(60'000, 'b'));
  append(buffer, filler(60'000, 'c'));
  buffer.sent(180'000);
  EXPECT_EQ(buffer.front(120'000), "");
  buffer.release(150'000);
  EXPECT_EQ(buffer.front(30'000), filler(30'000, 'c'));
  EXPECT_EQ(buffer.size(), 30'000u);
  buffer.release(30'000);
  EXPECT_EQ(buffer.size(), 0u);
}

TEST(OutBuffer, RoomThatWasReservedInVainDoesNoHarm) {
  OutBuffer buffer;
  append(buffer, filler(60'000, 'a'));
  buffer.reserve(10'000);
  append(buffer, filler(100'000, 'b'));
  OutBuffer copy;
  OutBuffer::Cursor cursor;
  buffer.read(cursor, 160'000, &copy);
  EXPECT_EQ(unsent(copy), filler(60'000, 'a') + filler(100'000, 'b'));
  EXPECT_EQ(unsent(buffer), unsent(copy));
  buffer.sent(160'000);
  buffer.release(60'000);
  buffer.release(100'000);
  EXPECT_EQ(buffer.size(), 0u);
}

// Against the simplest model: one string and two marks.
TEST(OutBuffer, BehavesAsItsModelUnderARandomSchedule) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](std::size_t limit) { return random() % limit; };
    OutBuffer buffer;
    std::string model;     // everything not released
    std::size_t sent = 0;  // how much of it
    std::deque<std::size_t> commands;
    for (int step = 0; step < 2000; ++step) {
      const std::size_t what = below(10);
      if (what < 4 && model.size() < 400'000) {
        const std::size_t size = 1 + (below(20) == 0 ? below(200'000) : below(3'000));
        std::string command(size, ' ');
        for (char& c : command) c = static_cast<char>(random());
        append(buffer, command);
        model += command;
        commands.push_back(size);
      } else if (what < 7 && sent < model.size()) {
        const std::size_t bytes = 1 + below(std::min<std::size_t>(model.size() - sent, 90'000));
        buffer.sent(bytes);
        sent += bytes;
      } else if (!commands.empty() && commands.front() <= sent) {
        const std::size_t size = commands.front();
        const std::string_view front = buffer.front(size);
        ASSERT_EQ(front, std::string_view(model).substr(0, size));
        buffer.release(size);
        model.erase(0, size);
        sent -= size;
        commands.pop_front();
      }
      ASSERT_EQ(buffer.size(), model.size());
      ASSERT_EQ(buffer.unsent(), model.size() - sent);
      if (step % 50 == 0) {
        ASSERT_EQ(unsent(buffer), model.substr(sent));
      }
    }
    OutBuffer copy;
    OutBuffer::Cursor cursor;
    for (const std::size_t size : commands) buffer.read(cursor, size, &copy);
    EXPECT_EQ(unsent(copy), model);
  }
}

}  // namespace
}  // namespace djcache::link
