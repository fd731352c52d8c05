"""What holds for every test: nothing is left behind, and a stuck test shows where it is stuck."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

from tests.support.certs import Certificates, make_certificates
from tests.support.clock import FakeClock
from tests.support.leaks import Snapshot


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker that switches the leak check off for a test that checks the leak check."""
    config.addinivalue_line("markers", "may_leak: the test leaves something behind on purpose")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Where even pytest-timeout cannot end a stuck test, show all stacks and end the run."""
    marker = item.get_closest_marker("timeout")
    given = marker.args[0] if marker and marker.args else item.config.getoption("timeout", None)
    limit = float(given if given is not None else item.config.getini("timeout") or 0)
    if limit <= 0 or item.config.getoption("usepdb", False):
        yield
        return
    # The descriptor that pytest keeps for this purpose is not captured.
    stderr = item.config.stash.get(fault_handler_stderr_fd_key, 2)
    faulthandler.dump_traceback_later(limit + 30, exit=True, file=stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    # Session fixtures that this test is the first to use open files of their own: set them up before looking.
    for name in request.fixturenames:
        for definition in request._fixturemanager.getfixturedefs(name, request.node) or ():
            if definition.scope in ("session", "package", "module"):
                request.getfixturevalue(name)
    before = Snapshot()
    yield
    if request.node.get_closest_marker("may_leak") is None and (report := before.report()) is not None:
        pytest.fail(report, pytrace=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority and servers' certificates, right and wrong, made for this run."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()
