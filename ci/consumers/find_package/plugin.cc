// The program of the other consumers as part of a shared library, such as a plugin or a Python
// extension.
#define main consumer_main
#include "../main.cc"
#undef main

extern "C" __attribute__((visibility("default"))) int run_plugin() { return consumer_main(); }
