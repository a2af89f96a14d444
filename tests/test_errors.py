"""All errors come from one root."""

from graphkit import errors


def test_all_errors_come_from_one_root() -> None:
    kinds = [errors.UsageError, errors.OutputError, errors.NothingReadable, errors.MissingExtra, errors.StoreError]
    assert all(issubclass(kind, errors.GraphkitError) for kind in kinds)
    assert issubclass(errors.OutputError, errors.UsageError)
