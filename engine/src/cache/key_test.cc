#include "cache/key.h"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cstdint>
#include <limits>
#include <string>

#include "cache/operation.h"

namespace djcache::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

// --- KeyMaker

TEST(KeyMaker, JoinsPrefixVersionAndKey) {
  EXPECT_EQ(KeyMaker("", 1, {}).make("k"), ":1:k");
  EXPECT_EQ(KeyMaker("", 1, {}).make(""), ":1:");
  EXPECT_EQ(KeyMaker("pre", 2, {}).make("k"), "pre:2:k");
  EXPECT_EQ(KeyMaker("a:b", -7, {}).make("c:d"), "a:b:-7:c:d");
}

TEST(KeyMaker, KeepsEveryByteOfTheKey) {
  KeyMaker maker("p\0x"s, 1, {});
  EXPECT_EQ(maker.make("a\0b\r\n\xff"s), "p\0x:1:a\0b\r\n\xff"s);
  EXPECT_EQ(maker.make(std::string(1u << 20, 'k')), "p\0x:1:"s + std::string(1u << 20, 'k'));
}

TEST(KeyMaker, OtherVersionsReplaceOnlyTheVersion) {
  KeyMaker maker("pre", 1, {});
  EXPECT_EQ(maker.make("k", 2), "pre:2:k");
  EXPECT_EQ(maker.make("k"), "pre:1:k");
  EXPECT_EQ(maker.make("k", 1), "pre:1:k");
  EXPECT_EQ(maker.make("longer", -12345), "pre:-12345:longer");
  EXPECT_EQ(maker.make("k", std::numeric_limits<std::int64_t>::min()),
            "pre:-9223372036854775808:k");
  EXPECT_EQ(maker.make("k", std::numeric_limits<std::int64_t>::max()), "pre:9223372036854775807:k");
  EXPECT_EQ(maker.make("k"), "pre:1:k");
  EXPECT_EQ(maker.version(), 1);
}

TEST(KeyMaker, KeyFunctionReplacesTheForm) {
  KeyMaker maker("pre", 3, [](std::string_view key, std::string_view prefix, std::int64_t version) {
    return std::string(key) + '|' + std::string(prefix) + '|' + std::to_string(version);
  });
  EXPECT_EQ(maker.make("k"), "k|pre|3");
  EXPECT_EQ(maker.make("k", 4), "k|pre|4");
  EXPECT_EQ(maker.make("k", 3), "k|pre|3");
}

TEST(KeyMaker, SameBuffersServeEveryKeyOfTheSameSize) {
  KeyMaker maker("pre", 1, {});
  const std::string key(200, 'k');
  const char* const first = maker.make(key).data();
  const char* const versioned = maker.make(key, 1000).data();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(maker.make(key).data(), first);
    EXPECT_EQ(maker.make("short").data(), first);
    EXPECT_EQ(maker.make(key, 1000 + i).data(), versioned);
  }
}

TEST(KeyMaker, IsRightAfterAHugeKeyGaveItsMemoryBack) {
  KeyMaker maker("pre", 1, {});
  const std::string huge(1u << 20, 'h');
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(maker.make(huge), "pre:1:" + huge);
    EXPECT_EQ(maker.make("k"), "pre:1:k");
    EXPECT_EQ(maker.make(huge, 2), "pre:2:" + huge);
    EXPECT_EQ(maker.make("k", 2), "pre:2:k");
  }
}

// --- Warnings

#ifdef __GLIBC__
TEST(KeyMaker, AHugeKeyDoesNotKeepItsMemory) {
  KeyMaker keys("", 1, {});
  const auto memory_after = [&](std::string_view key) {
    return malloc_usable_size(const_cast<char*>(keys.make(key).data()));
  };
  EXPECT_GE(memory_after(std::string(1'000'000, 'k')), 1'000'000u);
  EXPECT_LT(memory_after("k"), 100'000u);
}
#endif

// The scan takes eight bytes at a time: each byte value at each position in texts of many sizes.
TEST(KeyWarnings, ExactlyBytesBelow33And127Warn) {
  for (std::size_t size = 1; size <= 34; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        for (const char filler : {'a', '!', '~', '\xc3'}) {
          std::string key(size, filler);
          key[at] = static_cast<char>(byte);
          ASSERT_EQ(needs_warning(key), byte < 33 || byte == 127)
              << "byte " << byte << " at " << at << " of " << size;
        }
      }
    }
  }
  EXPECT_FALSE(needs_warning(""));
}

TEST(KeyWarnings, ABlockWarnsAsItsBytesDo) {
  for (const std::size_t size : {63, 64, 65, 71, 72, 128, 135, 200, 250}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const int byte : {0, 31, 32, 33, 126, 127, 128, 160, 255}) {
        std::string key(size, 'a');
        key[at] = static_cast<char>(byte);
        ASSERT_EQ(needs_warning(key), byte < 33 || byte == 127)
            << "byte " << byte << " at " << at << " of " << size;
      }
    }
  }
}

TEST(KeyWarnings, LengthCountsCodePointsAndNotBytes) {
  EXPECT_FALSE(needs_warning(std::string(250, 'k')));
  EXPECT_TRUE(needs_warning(std::string(251, 'k')));
  EXPECT_FALSE(needs_warning(repeated("清", 250)));
  EXPECT_TRUE(needs_warning(repeated("清", 251)));
  EXPECT_FALSE(needs_warning(repeated("😀", 250)));
  EXPECT_TRUE(needs_warning(repeated("😀", 250) + "k"));
}

// A long key of which only the first bytes are readable: reading more ends the program.
class Shrouded {
 public:
  explicit Shrouded(std::string_view readable)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        at_(static_cast<char*>(
            mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
        readable_(readable.size()) {
    readable.copy(at_ + page_ - readable_, readable_);
    mprotect(at_ + page_, page_, PROT_NONE);
  }
  ~Shrouded() { munmap(at_, 2 * page_); }
  Shrouded(const Shrouded&) = delete;
  Shrouded& operator=(const Shrouded&) = delete;

  std::string_view key() const { return {at_ + page_ - readable_, readable_ + page_}; }

 private:
  std::size_t page_;
  char* at_;
  std::size_t readable_;
};

TEST(KeyWarnings, ALongKeyIsReadNoFurtherThanItTakes) {
  EXPECT_TRUE(needs_warning(Shrouded(std::string(256, 'k')).key()));
  EXPECT_TRUE(needs_warning(Shrouded(std::string(256, ' ')).key()));
  EXPECT_TRUE(needs_warning(Shrouded(repeated("清", 256)).key()));
  EXPECT_TRUE(needs_warning(Shrouded(repeated("😀", 256)).key()));
  EXPECT_DEATH((void)needs_warning(Shrouded(std::string(128, 'k')).key()), "")
      << "the shroud hides nothing";
}

TEST(KeyWarnings, WhereNobodyListensNoKeyIsLookedAt) {
  detail::Alias alias("default", {});
  EXPECT_FALSE(warns_of(alias, Shrouded("").key()));
  alias.on_warning = [](std::string_view, std::string_view) {};
  EXPECT_TRUE(warns_of(alias, " "));
  EXPECT_FALSE(warns_of(alias, "key"));
}

// Counting in blocks gives the same result as byte by byte, also for invalid UTF-8.
TEST(KeyWarnings, LengthIsTheSameWhereverABlockEnds) {
  for (std::size_t shift = 0; shift < 70; ++shift) {
    for (const std::string_view piece : {"k", "é", "清", "😀", "\x80k", "\xc3k"}) {
      const std::size_t points = piece == "\xc3k" ? 2 : 1;
      std::string key = std::string(shift, '\xbf') + repeated(piece, 250 / points);
      EXPECT_FALSE(needs_warning(key)) << shift << piece;
      EXPECT_TRUE(needs_warning(key + 'k')) << shift << piece;
      EXPECT_TRUE(needs_warning('k' + key)) << shift << piece;
    }
  }
  EXPECT_FALSE(needs_warning(std::string(5000, '\x80')));
}

TEST(KeyWarnings, TextsAreDjangos) {
  const std::string characters =
      "Cache key contains characters that will cause errors if used with memcached: ";
  const std::string length = "Cache key will cause errors if used with memcached: ";
  const std::string k251(251, 'k');
  const std::string blanks = ":1:" + std::string(300, ' ');
  EXPECT_THAT(key_warnings(":1:key"), IsEmpty());
  EXPECT_THAT(key_warnings(":1:a b"), ElementsAre(characters + "':1:a b'"));
  EXPECT_THAT(key_warnings(":1:a\tb\n"), ElementsAre(characters + "':1:a\\tb\\n'"));
  EXPECT_THAT(key_warnings(":1:a\0b"s), ElementsAre(characters + "':1:a\\x00b'"));
  EXPECT_THAT(key_warnings(":1:a\x7f"), ElementsAre(characters + "':1:a\\x7f'"));
  EXPECT_THAT(key_warnings(k251), ElementsAre(length + "'" + k251 + "' (longer than 250)"));
  EXPECT_THAT(key_warnings(blanks), ElementsAre(length + "'" + blanks + "' (longer than 250)",
                                                characters + "'" + blanks + "'"));
}

TEST(KeyWarnings, CodePointsFrom128OnDoNotWarn) {
  for (const char* key : {":1:a\xc2\x80"
                          "b",
                          ":1:a\xc2\xa0"
                          "b",
                          ":1:a\xe2\x80\xa8"
                          "b",
                          ":1:a:{b}:😀"}) {
    EXPECT_FALSE(needs_warning(key)) << key;
    EXPECT_THAT(key_warnings(key), IsEmpty());
  }
}

TEST(KeyMaker, AVersionThatIsATextStandsInTheKeyUntilTheCallNamesOne) {
  KeyMaker keys("shop", 1, {}, "1.30.1");
  EXPECT_EQ(keys.make("k"), "shop:1.30.1:k");
  EXPECT_EQ(keys.make("k", 1), "shop:1:k");
  EXPECT_TRUE(keys.version_is_text());
}

}  // namespace
}  // namespace djcache::cache
