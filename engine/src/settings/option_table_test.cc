// The settings page shows the table of options as it is.
#include "settings/option_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "settings/read_value.h"

namespace djcache::settings {
namespace {

std::string for_people(const Option& option, std::int64_t number) {
  if (option.kind == "seconds") return in_seconds(number);
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string default_for_people(const Option& option) {
  const auto number = option.number ? option.number(Options()) : std::nullopt;
  return number && option.standard.empty() ? for_people(option, *number)
                                           : std::string(option.standard);
}

std::string range_for_people(const Option& option) {
  if (option.number == nullptr) return {};
  const std::string min = for_people(option, option.min);
  return option.max == INT64_MAX ? min + " and more"
                                 : min + " to " + for_people(option, option.max);
}

// The table of the page, in Markdown.
std::string option_page() {
  std::string page =
      "| option | theirs | in JSON | default | range | |\n|---|---|---|---|---|---|\n";
  for (const Option& option : option_table()) {
    const std::string theirs = option.theirs.empty() ? "" : '`' + std::string(option.theirs) + '`';
    for (const std::string& cell :
         {'`' + std::string(option.name) + '`', theirs, std::string(option.kind),
          default_for_people(option), range_for_people(option), std::string(option.sentence)}) {
      page += "| " + cell + (cell.empty() ? "" : " ");
    }
    page += "|\n";
  }
  return page;
}

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
