// Loads a plugin and runs it.
#include <dlfcn.h>

#include <cstdio>

int main(int argc, char** argv) {
  void* plugin = argc > 1 ? ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (plugin == nullptr) return std::fprintf(stderr, "%s\n", ::dlerror()), 1;
  auto* run = reinterpret_cast<int (*)()>(::dlsym(plugin, "run_plugin"));
  return run == nullptr ? 1 : run();
}
