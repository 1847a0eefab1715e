#!/usr/bin/env python3
"""Runs the Conan recipe and the vcpkg port completely, with stand-ins for Conan and vcpkg.

Usage: recipes_test.py <checkout> <build folder> <C++ compiler> [flag...]
The flags are those with which the build folder was built. Both install its library, harness and
command.
"""
import importlib.util
import json
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import conan_stand_in

# The names of each package: Conan's name, vcpkg's, and the possible pkg-config modules on this
# system.
PACKAGES = {
    "libuv": ("libuv", ("libuv",)),
    "hiredis": ("hiredis", ("hiredis",)),
    "msgpack-c": ("msgpack-c", ("msgpack-c", "msgpack")),
    "nlohmann_json": ("nlohmann-json", ("nlohmann_json",)),
    "zlib": ("zlib", ("zlib",)),
    "zstd": ("zstd", ("libzstd",)),
    "lz4": ("lz4", ("liblz4",)),
    "xz_utils": ("liblzma", ("liblzma",)),
    "openssl": ("openssl", ("openssl",)),
}
CHECKOUT, BUILT, COMPILER, *FLAGS = sys.argv[1:]
RECIPES = Path(CHECKOUT, "engine/cmake/packages")
PORT = RECIPES / "vcpkg/djcache"


def run(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{shlex.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def cmake_text():
    return Path(CHECKOUT, "CMakeLists.txt").read_text(encoding="utf-8")


def version():
    return re.search(r"project\(\s*djcache\s+VERSION (\S+)", cmake_text())[1]


def switches():
    """The CMake options that select what is built in, and which parts are built."""
    named = re.findall(r"^(?:djcache_choice|option)\((DJCACHE_(?:WITH|BUILD|TEST)_\w+)", cmake_text(), re.MULTILINE)
    return set(named)


def with_pkg_config(names):
    """The flags for compiling and linking with these packages (Conan's names) of this system."""
    modules = []
    for name in names:
        for module in PACKAGES[name][1]:
            if subprocess.run(["pkg-config", "--exists", module], check=False).returncode == 0:
                modules.append(module)
                break
        else:
            raise AssertionError(f"pkg-config knows no {name}")
    return run("pkg-config", "--cflags", "--libs", *modules).split()


class Recipes(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="recipes-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def configured_in_full(self, said):
        self.assertNotIn("Manually-specified variables were not used", said)
        self.assertNotIn("left out", said)

    def uses_what_was_installed(self, folder):
        """Builds and runs the recipe's test program with the package in this folder."""
        run("cmake", "-S", RECIPES / "conan/test_package", "-B", self.folder / "uses", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={folder}",
            f"-DCMAKE_CXX_COMPILER={COMPILER}", f"-DCMAKE_CXX_FLAGS={shlex.join(FLAGS)}")
        run("cmake", "--build", self.folder / "uses")
        self.assertEqual(run(self.folder / "uses/uses_djcache").strip(), f"djcache {version()}: bonjour")


class Conan(Recipes):
    @classmethod
    def setUpClass(cls):
        conan_stand_in.BUILT, conan_stand_in.COMPILER = BUILT, COMPILER
        conan_stand_in.install()
        spec = importlib.util.spec_from_file_location("recipe", RECIPES / "conan/conanfile.py")
        cls.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.module)

    def recipe(self, **options):
        recipe = self.module.Djcache(RECIPES / "conan", **options)
        recipe.set_version()
        recipe.configure()
        recipe.requirements()
        recipe.validate()
        return recipe

    def test_its_version_is_the_projects(self):
        self.assertEqual(self.recipe().version, version())

    def test_it_decides_every_option_of_cmake(self):
        recipe = self.recipe()
        recipe.generate()
        self.assertEqual(set(recipe.cache_variables), switches())

    def test_it_requires_what_is_built_in(self):
        self.assertEqual(set(self.recipe().required), set(PACKAGES))
        without = {name: False for name in self.module.OPTIONAL}
        self.assertEqual(set(self.recipe(**without).required), {"libuv", "hiredis", "msgpack-c", "nlohmann_json"})

    def test_a_shared_library_has_no_definition_for_static_ones(self):
        recipe = self.recipe(shared=True)
        recipe.package_info()
        self.assertEqual(recipe.cpp_info.components["djcache"].defines, [])
        self.assertIsNone(recipe.options.get_safe("fPIC"))

    def test_from_export_to_a_program(self):
        recipe = self.recipe()
        for name in ("source", "build", "package"):
            setattr(recipe, f"{name}_folder", str(self.folder / name))
        recipe.export_sources_folder = recipe.source_folder
        recipe.export_sources()
        recipe.generate()
        recipe.build()
        self.configured_in_full(recipe.configured)
        recipe.package()
        package = Path(recipe.package_folder)
        self.assertEqual({path.name for path in package.iterdir()} - {"bin"}, {"include", "lib", "licenses"})
        recipe.package_info()
        self.write_config(recipe, package)
        self.uses_what_was_installed(package)

    def write_config(self, recipe, package):
        """Writes what CMakeDeps would make of package_info(), for one target."""
        info = recipe.cpp_info.components["djcache"]
        self.assertTrue({each.split("::")[0] for each in info.requires} <= set(recipe.required))
        libraries = [str(next(package.glob(f"lib*/**/lib{name}.*"))) for name in info.libs]
        others = with_pkg_config([each.split("::")[0] for each in info.requires])
        config = package / "cmake/djcache-config.cmake"
        config.parent.mkdir()
        target = info.properties["cmake_target_name"]
        config.write_text(f"add_library({target} INTERFACE IMPORTED)\n"
                          f"target_include_directories({target} INTERFACE {package}/include)\n"
                          f"target_compile_definitions({target} INTERFACE {' '.join(info.defines)})\n"
                          f"target_link_libraries({target} INTERFACE {' '.join(libraries)})\n"
                          f"target_compile_options({target} INTERFACE {' '.join(f for f in others if f.startswith('-I'))})\n"
                          f"target_link_libraries({target} INTERFACE {' '.join(f for f in others if not f.startswith('-I'))})\n",
                          encoding="utf-8")


class Vcpkg(Recipes):
    def setUp(self):
        super().setUp()
        self.manifest = json.loads((PORT / "vcpkg.json").read_text(encoding="utf-8"))

    def install(self, features):
        return run("cmake", f"-DPORT_DIR={PORT}", f"-DFEATURES={';'.join(features)}", f"-DPACKAGES={self.folder / 'packages'}",
                   f"-DBUILT={BUILT}", f"-DCOMPILER={COMPILER}", "-P", Path(__file__).parent / "vcpkg.cmake")

    def test_its_version_is_the_projects(self):
        self.assertEqual(self.manifest["version"], version())

    def test_it_decides_every_option_of_cmake(self):
        said = (PORT / "portfile.cmake").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"DJCACHE_(?:WITH|BUILD|TEST)_\w+", said)), switches())
        mapped = re.findall(r"^    (\w+) DJCACHE_", said, re.MULTILINE)
        self.assertEqual(set(mapped), set(self.manifest["features"]))

    def test_it_depends_on_what_is_built_in(self):
        named = [each for each in self.manifest["dependencies"] if isinstance(each, str)]
        for feature in self.manifest["features"].values():
            named += feature.get("dependencies", [])
        self.assertEqual(set(named), {names[0] for names in PACKAGES.values()})
        self.assertLessEqual(set(self.manifest["default-features"]), set(self.manifest["features"]))

    def test_from_portfile_to_a_program(self):
        self.configured_in_full(self.install(self.manifest["features"]))
        packages = self.folder / "packages"
        self.assertEqual(sorted(path.name for path in packages.glob("share/djcache/*") if path.suffix != ".cmake"), ["copyright", "usage"])
        self.assertTrue((packages / "tools/djcache/djcache-settings").exists())
        self.assertEqual([str(path) for path in packages.rglob("*") if path.is_dir() and not any(path.iterdir())], [])
        self.uses_what_was_installed(packages)

    def test_without_features_nothing_optional_is_built_in(self):
        said = self.install([])
        self.configured_in_full(said)
        self.assertNotRegex(said, r"DJCACHE_\w+=ON")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
