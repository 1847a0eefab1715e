// The program of the other consumers as part of a shared library, as in a plugin or an extension of
// Python.
#define main consumer_main
#include "../main.cc"
#undef main

extern "C" __attribute__((visibility("default"))) int run_plugin() { return consumer_main(); }
