// The table of classes in engine/docs/pickle.md equals that of pickle_globals.cc.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "codec/pickle_globals.h"

namespace djcache::codec::pickle {
namespace {

TEST(PicklePage, ShowsEveryClassThatIsReadAndWhatBecomesOfIt) {
  std::ostringstream table, page;
  table << "| Python | read as |\n|---|---|\n";
  for (const GlobalName& each : global_names()) {
    table << "| `" << each.module << '.' << each.name << "` | " << each.reads_as << " |\n";
  }
  std::ifstream file(DJCACHE_PAGES "/pickle.md");
  ASSERT_TRUE(file);
  page << file.rdbuf();
  EXPECT_NE(page.str().find(table.str()), std::string::npos)
      << "engine/docs/pickle.md should have this table:\n"
      << table.str();
}

TEST(PicklePage, EveryNameIsFoundAsItself) {
  for (const GlobalName& each : global_names()) {
    EXPECT_EQ(find_global(each.module, each.name), each.global) << each.module << '.' << each.name;
  }
}

}  // namespace
}  // namespace djcache::codec::pickle
