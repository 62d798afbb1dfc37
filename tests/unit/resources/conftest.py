"""Tells the contract of kinds what to run over: each kind's edits and create-only words."""


def pytest_generate_tests(metafunc):
    """Run a test of the contract once for each edit, or each create-only word, of its kind."""
    if "edit" in metafunc.fixturenames:
        edits = metafunc.cls.edits
        metafunc.parametrize("edit", edits.values(), ids=edits)
    if "fixed" in metafunc.fixturenames:
        words = metafunc.cls.fixed
        metafunc.parametrize("fixed", words.items(), ids=words)
