// The files of fixtures/settings: each good one configures an engine, each bad one is refused with
// the text of the .error file beside it.
#include <djcache/settings.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace djcache {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path folder = fs::path(DJCACHE_FIXTURES) / "settings";

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_in(const char* subfolder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / subfolder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

// "(none)" if the file is good.
std::string refusal(const fs::path& path) {
  const auto settings = Settings::from_json_file(path.string());
  if (!settings) return settings.error().detail;
  const auto checked = settings->check();
  return checked ? "(none)" : checked.error().detail;
}

class GoodSettings : public testing::TestWithParam<std::string> {};
TEST_P(GoodSettings, AreAccepted) {
  EXPECT_EQ(refusal(folder / "good" / (GetParam() + ".json")), "(none)");
}
INSTANTIATE_TEST_SUITE_P(Fixtures, GoodSettings, testing::ValuesIn(names_in("good")), test_name);

class BadSettings : public testing::TestWithParam<std::string> {};
TEST_P(BadSettings, AreRefusedWithThePlaceAndWhatWasExpected) {
  const std::string wanted = content(folder / "bad" / (GetParam() + ".error"));
  EXPECT_EQ(refusal(folder / "bad" / (GetParam() + ".json")) + "\n", wanted);
}
TEST_P(BadSettings, AreRefusedWithoutRepeatingASecret) {
  // Every secret in the fixtures is spelt like this.
  EXPECT_THAT(refusal(folder / "bad" / (GetParam() + ".json")), Not(HasSubstr("S3cret")));
}
INSTANTIATE_TEST_SUITE_P(Fixtures, BadSettings, testing::ValuesIn(names_in("bad")), test_name);

TEST(SettingsFile, ThatCannotBeReadIsNamedWithTheReason) {
  EXPECT_THAT(refusal(folder / "absent.json"), HasSubstr("absent.json: No such file"));
  EXPECT_THAT(refusal(folder), HasSubstr("not a regular file"));
}

// A text that is truncated anywhere, or has a stray byte anywhere, is refused without its secrets.
TEST(SettingsFile, DamagedAnywhereIsRefusedWithoutRepeatingASecret) {
  const std::string text = content(folder / "good" / "credentials.json");
  ASSERT_THAT(text, HasSubstr("S3cret"));
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    const auto cut = Settings::from_json(text.substr(0, at));
    ASSERT_FALSE(cut) << at;
    ASSERT_THAT(cut.error().detail, Not(HasSubstr("S3c"))) << at;
    for (const char stray : {'"', '{', ',', '\\', '\n', '\xff'}) {
      std::string changed = text;
      changed.insert(at, 1, stray);
      const auto read = Settings::from_json(changed);
      const std::string said = read ? "" : read.error().detail;
      ASSERT_THAT(said, Not(HasSubstr("S3c"))) << changed;
    }
  }
}

}  // namespace
}  // namespace djcache
