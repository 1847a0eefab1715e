"""The header that instrumented files include, see mutants.py."""

# `reached` records which mutants a program executes, also in forked children.
HEADER = """#pragma once
#pragma GCC system_header  // no warnings

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace djcache::mutant {

inline constexpr int count = @COUNT@;
inline unsigned char unrecorded[count];
inline unsigned char* reached = unrecorded;
inline int chosen = 0;
inline const bool read = [] {
  if (const char* text = std::getenv("DJCACHE_MUTANT")) chosen = std::atoi(text);
  if (const char* path = std::getenv("DJCACHE_MUTANTS_REACHED")) {
    const int file = ::open(path, O_RDWR | O_CLOEXEC);
    void* map = ::mmap(nullptr, count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) std::abort();
    ::close(file);
    reached = static_cast<unsigned char*>(map);
  }
  return true;
}();

inline bool on(int number) {
  reached[number] = 1;
  return number == chosen;
}
template <class T>
bool flip(int number, T&& condition) {
  const bool is = static_cast<bool>(std::forward<T>(condition));
  return on(number) != is;
}
template <class T>
T one(int number, T value) {
  return on(number) ? T(0) : value;
}
template <class T>
T& up(int number, T& value) {
  on(number) ? --value : ++value;
  return value;
}
template <class T>
T& down(int number, T& value) {
  on(number) ? ++value : --value;
  return value;
}

// `a < b` becomes `a < Relation{n} < b`: the same precedence, so that nobody need know where a and b end.
struct Relation {
  int number;
};
template <class A>
struct Left {
  A&& value;
  int number;
};
#define DJCACHE_RELATION(op, mutated)                       \\
  template <class A>                                        \\
  Left<A> operator op(A&& a, Relation relation) {           \\
    return {std::forward<A>(a), relation.number};           \\
  }                                                         \\
  template <class A, class B>                               \\
  bool operator op(Left<A> a, B&& b) {                      \\
    return on(a.number) ? a.value mutated b : a.value op b; \\
  }
DJCACHE_RELATION(<, <=)
DJCACHE_RELATION(<=, <)
DJCACHE_RELATION(>, >=)
DJCACHE_RELATION(>=, >)
DJCACHE_RELATION(==, !=)
DJCACHE_RELATION(!=, ==)
#undef DJCACHE_RELATION

}  // namespace djcache::mutant
"""
