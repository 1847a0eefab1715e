"""Stand-ins for the Conan modules that the recipe imports, to run its methods without Conan.

CMake.configure() really configures the exported sources, with the libraries of this system.
CMake.build() takes the results from an existing build folder, because compiling the library again
would test nothing more.
"""
import fnmatch
import shutil
import subprocess
import sys
import types
from pathlib import Path

BUILT = None  # the existing build folder
BUILDS = ("engine/libdjcache.a", "harness/libdjcache_harness.a", "engine/tools/djcache-settings")
COMPILER = None


class Options(types.SimpleNamespace):
    def get_safe(self, name):
        return getattr(self, name, None)

    def rm_safe(self, name):
        self.__dict__.pop(name, None)


class Info(types.SimpleNamespace):
    def __init__(self):
        super().__init__(libs=[], requires=[], defines=[], properties={}, components={})

    def set_property(self, name, value):
        self.properties[name] = value


class Components(dict):
    def __missing__(self, name):
        self[name] = Info()
        return self[name]


class ConanFile:
    def __init__(self, folder, **options):
        self.recipe_folder = str(folder)
        self.options = Options(**{**self.default_options, **options})
        self.settings = types.SimpleNamespace(os="Linux")
        self.required, self.cpp_info = {}, Info()
        self.cpp_info.components = Components()

    def requires(self, reference, **traits):
        name = reference.split("/")[0]
        assert name not in self.required, f"{name} is required twice"
        self.required[name] = traits


class CMakeToolchain:
    def __init__(self, recipe):
        self.recipe, self.cache_variables = recipe, {}

    def generate(self):
        self.recipe.cache_variables = self.cache_variables


class CMake:
    def __init__(self, recipe):
        self.recipe = recipe

    def configure(self):
        given = [f"-D{name}={'ON' if value else 'OFF'}" for name, value in self.recipe.cache_variables.items()]
        self.recipe.configured = subprocess.run(
            ["cmake", "-S", self.recipe.source_folder, "-B", self.recipe.build_folder, "-G", "Ninja",
             f"-DCMAKE_CXX_COMPILER={COMPILER}", *given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout

    def build(self):
        for file in BUILDS:
            Path(self.recipe.build_folder, file).symlink_to(Path(BUILT, file))

    def install(self):
        command = ["cmake", "--install", self.recipe.build_folder, "--prefix", self.recipe.package_folder]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def copy(_, pattern, src, dst, excludes=""):
    for file in sorted(Path(src).rglob("*") if "/" in pattern else Path(src).glob("*")):
        name = str(file.relative_to(src))
        if file.is_file() and fnmatch.fnmatch(name, pattern) and not fnmatch.fnmatch(name, excludes or "-"):
            target = Path(dst, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)


class Generator:
    def __init__(self, recipe):
        pass

    def generate(self):
        pass


def install():
    """Makes `import conan` find these stand-ins."""
    contents = {
        "conan": {"ConanFile": ConanFile},
        "conan.errors": {"ConanInvalidConfiguration": type("ConanInvalidConfiguration", (Exception,), {})},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": lambda recipe, number: None},
        "conan.tools.cmake": {"CMake": CMake, "CMakeToolchain": CMakeToolchain, "CMakeDeps": Generator,
                              "cmake_layout": lambda recipe: None},
        "conan.tools.files": {"copy": copy, "load": lambda recipe, path: Path(path).read_text(encoding="utf-8"),
                              "rmdir": lambda recipe, path: shutil.rmtree(path, ignore_errors=True)},
        "conan.tools.gnu": {"PkgConfigDeps": Generator},
    }
    for name, members in contents.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
