// Python's objects and djcache's: values, replies, reports and errors. All of it needs the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include <djcache/client.h>

#include <optional>
#include <string>
#include <vector>

namespace djcache::python {

namespace py = pybind11;

// How Python writes what it stores: bytes and ints. On a server an int is decimal text of any size.
enum class Integers : std::uint8_t { as_text, as_int };

Value to_value(py::handle object, Integers integers);
// A word of a command: bytes, or a str in UTF-8.
std::string to_word(py::handle object);

// An int or bytes.
py::object to_python(const Value& value);
py::object to_python(const Reply& reply);
py::object to_python(const std::vector<Reply>& replies);
py::object to_python(const std::vector<std::string>& texts);
py::object to_python(const DisconnectReport& report);
inline py::object to_python(bool flag) { return py::bool_(flag); }
inline py::object to_python(std::int64_t number) { return py::int_(number); }
inline py::object to_python(const std::string& text) { return py::bytes(text); }
template <class Rep, class Period>
py::object to_python(std::chrono::duration<Rep, Period> time) {
  return py::int_(time.count());
}
template <class T>
py::object to_python(const std::optional<T>& value) {
  return value ? to_python(*value) : py::object(py::none());
}

// What makes an exception of an error: a function of Python that takes a code and a detail.
void set_error_factory(py::object factory);
py::object to_exception(const Error& error);
// PyEval_RestoreThread. A daemon thread that outlives the interpreter stays here: Python would end
// it by an exception that no frame may stop.
void take_gil(PyThreadState* saved);

[[noreturn]] void raise(const Error& error);

}  // namespace djcache::python
