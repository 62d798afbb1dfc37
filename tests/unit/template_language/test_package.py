import dataclasses
import subprocess
import sys
from importlib import import_module
from pkgutil import walk_packages

import mjsync.template_language

MODULES = [module.name for module in walk_packages(mjsync.template_language.__path__, "mjsync.template_language.")]


def test_importing_the_room_is_cheap():
    """Importing any module imports neither a parser nor a compiler."""
    heavy = {"lark", "mjml", "inscriptis", "lxml", "importlib.metadata"}
    code = f"import sys, {', '.join(MODULES)}; print(sorted({heavy} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "[]" == printed.strip()


def test_public_values_are_frozen():
    """Values that the package returns are frozen."""
    members = [member for name in MODULES for member in vars(import_module(name)).values()]
    classes = {each for each in members if isinstance(each, type) and dataclasses.is_dataclass(each)}
    values = {each for each in classes if not each.__name__.startswith("_")}

    assert (True, []) == (len(values) > 20, [each for each in values if not each.__dataclass_params__.frozen])
