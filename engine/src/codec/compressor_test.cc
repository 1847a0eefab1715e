// The compressors: they read what Python's wrote, Python reads what they write, and hostile input
// costs neither memory nor a crash.
#include "codec/compressor.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "built.h"
#include "codec/codec_fixture.h"
#include "codec/golden_fixture.h"

namespace djcache::codec {
namespace {

class Compressed : public testing::TestWithParam<Compressor> {
 protected:
  void SetUp() override {
    table_ = compressor_table(GetParam());
    if (!table_) GTEST_SKIP() << "not built: " << missing_option(GetParam());
  }
  std::string compress(std::string_view plain) {
    std::string out, reason;
    EXPECT_TRUE(table_->compress(plain, out, reason)) << reason;
    return out;
  }
  // The expanded bytes, "damaged" or "too large".
  std::string expand(std::string_view bytes, std::size_t max_bytes = 1u << 20) {
    std::string out;
    reason_.clear();
    switch (table_->expand(bytes, max_bytes, out, reason_)) {
      case Expansion::done:
        return out;
      case Expansion::damaged:
        EXPECT_NE(reason_, "");
        return "damaged";
      case Expansion::too_large:
        break;
    }
    return "too large";
  }
  const CompressorTable* table_ = nullptr;
  std::string reason_;
};

const std::string text =
    "Value: what a cache entry can hold, the C++ twin of the Python objects that Django caches.";

TEST_P(Compressed, ExpandsToWhatItWas) {
  std::string grows;
  for (const std::size_t size : {0u, 1u, 100u, 4095u, 4096u, 4097u, 8192u, 100'000u, 1'000'000u}) {
    while (grows.size() < size) grows += static_cast<char>((grows.size() * 7919) >> 5);
    const std::string bytes = compress(grows);
    EXPECT_TRUE(table_->has_head(bytes)) << size;
    EXPECT_EQ(expand(bytes), grows) << size << reason_;
  }
}

TEST_P(Compressed, WhatPythonWroteIsRead) {
  std::size_t seen = 0;
  for (const TypedJson& one : golden_cases("compressed.json")) {
    if (one["compressor"].get<std::string>() != table_->name) continue;
    const std::string bytes = from_hex(one["bytes"].get<std::string>());
    EXPECT_TRUE(table_->has_head(bytes));
    EXPECT_EQ(expand(bytes).size(), one["plain"][0].get<std::size_t>()) << reason_;
    ++seen;
  }
  EXPECT_EQ(seen, 6u);
}

TEST_P(Compressed, WhatIsWrittenPythonReads) {
  if (std::system("/usr/bin/python3 -c 'import django' 2>/dev/null") != 0) {
    GTEST_SKIP() << "no /usr/bin/python3 with django";
  }
  const auto path = std::filesystem::temp_directory_path() /
                    ("djcache_compressed_" + std::string(table_->name) + "_" +
                     std::to_string(testing::UnitTest::GetInstance()->random_seed()) + ".txt");
  std::ofstream file(path);
  for (const std::string& plain : {std::string("a"), text, std::string(200'000, 'x')}) {
    file << table_->name << ' ' << to_hex(plain) << ' ' << to_hex(compress(plain)) << '\n';
  }
  file.close();
  const std::string command = "/usr/bin/python3 " DJCACHE_CODEC_FOLDER
                              "/stored_values.py --expand " +
                              path.string() + " >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove(path);
}

TEST_P(Compressed, CutOffAnywhereIsDamaged) {
  const std::string bytes = compress(text);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(expand(bytes.substr(0, size)), "damaged") << size;
  }
  expand(bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(reason_, "cut off, its end is missing");
}

TEST_P(Compressed, BytesLeftOverAreDamage) {
  for (const std::string& more : {std::string("x"), std::string(1, '\0'), compress(text)}) {
    EXPECT_EQ(expand(compress(text) + more), "damaged");
    EXPECT_EQ(reason_, std::to_string(more.size()) + " bytes left over after its end");
  }
}

TEST_P(Compressed, ChangedAnywhereIsNeitherACrashNorMoreThanTheLimit) {
  const std::string bytes = compress(text);
  std::size_t noticed = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const std::string result = expand(changed, 1000);
      EXPECT_LE(result.size(), 1000u);
      if (result != text) ++noticed;
    }
  }
  EXPECT_GT(noticed, bytes.size());  // lz4 and zstd have no checksum in django-redis
}

TEST_P(Compressed, LimitIsExact) {
  const std::string plain(10'000, 'x');
  EXPECT_EQ(expand(compress(plain), 10'000), plain);
  EXPECT_EQ(expand(compress(plain), 9'999), "too large");
  EXPECT_EQ(expand(compress(plain), 1), "too large");
  EXPECT_EQ(expand(compress("x"), 1), "x");
}

TEST_P(Compressed, BombGrowsTheBufferNoFurtherThanTheLimit) {
  const std::string bomb = compress(std::string(16u << 20, '\0'));
  ASSERT_LT(bomb.size(), 1u << 20);
  constexpr std::size_t limit = 1u << 20;
  std::string out, reason;
  reset_allocations();
  EXPECT_EQ(table_->expand(bomb, limit, out, reason), Expansion::too_large);
  EXPECT_LE(allocations().peak_bytes, 4 * limit);  // while doubling, two buffers are held
}

TEST_P(Compressed, SmallEntryHasASmallBufferWhateverTheLimit) {
  const std::string bytes = compress("x");
  std::string out, reason;
  reset_allocations();
  EXPECT_EQ(table_->expand(bytes, 512u << 20, out, reason), Expansion::done);
  EXPECT_LE(allocations().peak_bytes, 16'384u);
}

// A frame that announces 2^20 and one that announces 2^21, around one byte.
TEST(CompressorWindows, OfZstdAreNoLargerThanTheValueMayBe) {
  const auto* const table = compressor_table(Compressor::zstd);
  if (!table) GTEST_SKIP() << "not built";
  const std::string fits = from_hex("28b52ffd 00 50 090000 78"),
                    twice = from_hex("28b52ffd 00 58 090000 78");
  std::string out, reason;
  EXPECT_EQ(table->expand(fits, 1u << 20, out, reason), Expansion::done) << reason;
  EXPECT_EQ(table->expand(twice, 1u << 20, out, reason), Expansion::damaged);
  EXPECT_EQ(table->expand(twice, (1u << 20) + 1, out, reason), Expansion::done) << reason;
}

INSTANTIATE_TEST_SUITE_P(All, Compressed,
                         testing::Values(Compressor::zlib, Compressor::gzip, Compressor::zstd,
                                         Compressor::lz4, Compressor::lzma),
                         [](const auto& of) { return std::string(to_string(of.param)); });

TEST(CompressorHeads, AreOfOneCompressorEach) {
  const Compressor all[] = {Compressor::zlib, Compressor::gzip, Compressor::zstd, Compressor::lz4,
                            Compressor::lzma};
  for (const Compressor writes : all) {
    for (const Compressor reads : all) {
      const auto* const writer = compressor_table(writes);
      const auto* const reader = compressor_table(reads);
      if (!writer || !reader) continue;
      std::string bytes, reason;
      ASSERT_TRUE(writer->compress(text, bytes, reason));
      EXPECT_EQ(reader->has_head(bytes), writes == reads) << writer->name << reader->name;
    }
  }
}

TEST(CompressorHeads, AreOfNoOtherValueThatASerializerWrites) {
  for (const Compressor compressor :
       {Compressor::zlib, Compressor::gzip, Compressor::zstd, Compressor::lz4, Compressor::lzma}) {
    const auto* const table = compressor_table(compressor);
    if (!table) continue;
    for (const char* file : {"msgpack.json", "json.json", "signed.json"}) {
      for (const TypedJson& one : golden_cases(file)) {
        if (!one.contains("bytes")) continue;
        EXPECT_FALSE(table->has_head(from_hex(one["bytes"].get<std::string>()))) << one["name"];
      }
    }
    // Python 2's pickles of tuples; Python 3's start with 0x80.
    EXPECT_FALSE(table->has_head("(S'abc'\np0\nI1\ntp1\n."));
    EXPECT_FALSE(table->has_head(""));
  }
}

}  // namespace
}  // namespace djcache::codec
