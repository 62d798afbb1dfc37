"""Parametrises the contract of kinds: by the edits and the create-only fields of each kind."""


def pytest_generate_tests(metafunc):
    """Run a test of the contract once for each edit, or each create-only word, of its kind."""
    if "edit" in metafunc.fixturenames:
        edits = metafunc.cls.edits
        metafunc.parametrize("edit", edits.values(), ids=edits)
    if "fixed" in metafunc.fixturenames:
        words = metafunc.cls.fixed
        metafunc.parametrize("fixed", words.items(), ids=words)


def pytest_collection_modifyitems(config, items):
    """Leave out the tests of operations that a kind does not declare."""
    needed = [getattr(getattr(item, "function", None), "needs", ()) for item in items]
    is_kept = [
        not operations or item.cls.kind.operations.issuperset(operations)
        for item, operations in zip(items, needed, strict=True)
    ]
    config.hook.pytest_deselected(items=[item for item, kept in zip(items, is_kept, strict=True) if not kept])
    items[:] = [item for item, kept in zip(items, is_kept, strict=True) if kept]
