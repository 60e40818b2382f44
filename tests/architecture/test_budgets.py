import pytest

from tests.architecture.sources import EVERYWHERE, FLOORS, Function, functions, name, python_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def _lines(function: Function) -> int:
    """Lines of code: the signature and the body without its docstring."""
    end = function.end_lineno or function.lineno
    docstring = function.body[0]
    first = function.body[0].lineno
    body_starts_with_text = (
        docstring.__class__.__name__ == "Expr"
        and getattr(getattr(docstring, "value", None), "value", None).__class__ is str
    )
    skipped = (docstring.end_lineno or first) - first + 1 if body_starts_with_text else 0
    return end - function.lineno + 1 - skipped


@pytest.mark.parametrize("folder", EVERYWHERE)
def test_no_file_is_longer_than_its_budget(folder: str) -> None:
    long = {
        name(path): count
        for path in python_files(folder)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }

    assert long == {}


@pytest.mark.parametrize("folder", FLOORS)
def test_no_function_is_longer_than_its_budget(folder: str) -> None:
    long = {
        f"{name(path)}:{function.name}": _lines(function)
        for path in python_files(folder)
        for function in functions(path)
        if _lines(function) > LONGEST_FUNCTION
    }

    assert long == {}
