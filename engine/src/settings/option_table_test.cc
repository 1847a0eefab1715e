// The settings page shows the table of options as it is.
#include "settings/option_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace djcache::settings {
namespace {

// DJCACHE_RECORD=1 writes the table into the page instead.
TEST(OptionTable, IsOnThePage) {
  const std::string path = DJCACHE_PAGES "/settings.md";
  constexpr const char *begin = "<!-- the table of options -->\n", *end = "<!-- end -->\n";
  std::ifstream file(path);
  std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::size_t from = page.find(begin), to = page.find(end);
  ASSERT_LT(from, to);
  const std::size_t start = from + std::string(begin).size();
  if (std::getenv("DJCACHE_RECORD")) {
    std::ofstream(path) << std::string(page).replace(start, to - start, option_page());
  }
  EXPECT_EQ(page.substr(start, to - start), option_page());
}

TEST(OptionTable, HasEveryDefaultInItsRange) {
  for (const Option& option : option_table()) {
    EXPECT_EQ(range_problem(option, Options()), "") << option.name;
  }
}

}  // namespace
}  // namespace djcache::settings
