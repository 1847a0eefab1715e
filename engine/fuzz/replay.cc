// Replays a corpus without libFuzzer: runs the target once on every file in the folders named on
// the command line. A target that finds a fault aborts the program.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
      bytes.shrink_to_fit();  // so that sanitizers detect a read past the end
      std::cout << entry.path().filename().string() << std::endl;
      LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
      ++count;
    }
  }
  std::cout << "[ FIGURE   ] R15: " << count << " inputs read again" << std::endl;
  return count > 0 ? 0 : 1;
}
