"""The watch that every browser test relies on does notice."""

import pytest

from browser_windows import Window, Windows

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(windows: Windows) -> Window:
    """A window that the fixture does not check again at the end."""
    window = windows.open("about:blank")
    windows.opened.remove(window)
    return window


@pytest.mark.parametrize(
    "script", ["console.log('one')", "console.warn('two')", "setTimeout(() => nothing(), 0)"]
)
def test_a_word_on_the_console_is_noticed(watched: Window, script: str) -> None:
    watched.assert_quiet()
    with watched.page.expect_event("pageerror" if "nothing" in script else "console"):
        watched.page.evaluate(script)
    with pytest.raises(AssertionError):
        watched.assert_quiet()


def test_a_request_to_another_host_is_noticed(watched: Window) -> None:
    watched.page.route("**/*", lambda route: route.abort())
    with watched.page.expect_request("http://elsewhere.example/x"):
        watched.page.evaluate("void fetch('http://elsewhere.example/x').catch(() => null)")
    with pytest.raises(AssertionError):
        watched.assert_quiet()
