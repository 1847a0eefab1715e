"""The Conan recipe of djcache, for the checkout that it lies in:

    conan create engine/cmake/packages/conan --build=missing

The version is that of project() in the top CMakeLists.txt. An option with_<x> or build_<x> is CMake's DJCACHE_WITH_<X> or
DJCACHE_BUILD_<X>. What is no option here is never built.
"""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir
from conan.tools.gnu import PkgConfigDeps

# Option -> the packages it needs, and what of them is linked.
OPTIONAL = {
    "with_zlib": ("zlib/[>=1.2.11 <2]", "zlib::zlib"),
    "with_zstd": ("zstd/[>=1.5 <2]", "zstd::zstd"),
    "with_lz4": ("lz4/[>=1.9 <2]", "lz4::lz4"),
    "with_lzma": ("xz_utils/[>=5.4 <6]", "xz_utils::xz_utils"),
    "with_openssl": ("openssl/[>=3 <4]", "openssl::crypto"),
    "with_tls": ("openssl/[>=3 <4]", "openssl::ssl"),
}
PARTS = ("build_harness", "build_tools")
NEVER = ("BUILD_EXAMPLES", "BUILD_TESTS", "BUILD_CONFORMANCE", "BUILD_BENCH", "BUILD_FUZZ", "BUILD_PYTHON", "TEST_TIDY", "TEST_PACKAGE")


class Djcache(ConanFile):
    name = "djcache"
    description = "Django's cache, embedded in C++ event loops"
    license = "BSD-3-Clause"
    topics = ("django", "redis", "cache", "libuv")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {name: [True, False] for name in ("shared", "fPIC", *OPTIONAL, *PARTS)}
    default_options = {"shared": False, "fPIC": True, **{name: True for name in (*OPTIONAL, *PARTS)}}

    def _checkout(self, *path):
        return os.path.normpath(os.path.join(self.recipe_folder, "../../../..", *path))

    def set_version(self):
        cmake = load(self, self._checkout("CMakeLists.txt"))
        self.version = re.search(r"project\(\s*djcache\s+VERSION (\S+)", cmake)[1]

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "engine/*", "harness/*"):
            copy(self, pattern, src=self._checkout(), dst=self.export_sources_folder, excludes="*/__pycache__/*")

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # The program makes the loop that it gives to djcache, so it includes uv.h itself.
        self.requires("libuv/[>=1.44 <2]", transitive_headers=True, transitive_libs=True)
        self.requires("hiredis/[>=1 <2]")
        self.requires("msgpack-c/[>=4 <8]")
        self.requires("nlohmann_json/[>=3.9 <4]", visible=False)
        for package in sorted({OPTIONAL[name][0] for name in OPTIONAL if self.options.get_safe(name)}):
            self.requires(package)

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("djcache runs on Linux only")

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False
        for name in (*OPTIONAL, *PARTS):
            toolchain.cache_variables[f"DJCACHE_{name.upper()}"] = bool(self.options.get_safe(name))
        for name in NEVER:
            toolchain.cache_variables[f"DJCACHE_{name}"] = False
        toolchain.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # Conan makes both of its own, and its packages have no pages.
        for folder in ("lib/cmake", "lib/pkgconfig", "share"):
            rmdir(self, os.path.join(self.package_folder, folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "djcache")
        library = self.cpp_info.components["djcache"]
        library.set_property("cmake_target_name", "djcache::djcache")
        library.set_property("pkg_config_name", "djcache")
        library.libs = ["djcache"]
        library.requires = ["libuv::libuv", "hiredis::hiredis", "msgpack-c::msgpack-c"]
        library.requires += [OPTIONAL[name][1] for name in OPTIONAL if self.options.get_safe(name)]
        if not self.options.shared:
            library.defines = ["DJCACHE_STATIC"]
        if self.options.build_harness:
            harness = self.cpp_info.components["harness"]
            harness.set_property("cmake_target_name", "djcache::harness")
            harness.libs = ["djcache_harness"]
            harness.requires = ["djcache", "hiredis::hiredis"]
