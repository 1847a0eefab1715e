// Python 2's names of modules and classes, which protocols 0 to 2 use even when Python 3 writes.
#pragma once

#include <string_view>

namespace djcache::codec::pickle {

// Translates `module` and `name` to Python 3, as its Unpickler does for protocols 0 to 2. Source:
// Lib/_compat_pickle.py of CPython, without names that caches do not hold (Tk, multiprocessing).
void rename_for_python_3(std::string_view& module, std::string_view& name);

}  // namespace djcache::codec::pickle
