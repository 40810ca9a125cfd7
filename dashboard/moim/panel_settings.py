"""How Panel is set up in a page worker, and what is made cheaper there.

Opening a page costs the worker more for bookkeeping than for its content. Small changes to the
insides of Bokeh and Panel take most of that away. They are tied to the versions they were written
for: with any other nothing is changed and a warning is logged, so an update is slower, not broken.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import panel as pn
from bokeh.core.has_props import HasProps
from bokeh.core.property.bases import Property
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.server.views.ws import WSHandler
from bokeh.settings import settings as bokeh_settings
from panel.io.application import Application
from panel.io.server import Server, get_server

log = logging.getLogger(__name__)

WRITTEN_FOR = {"bokeh": "3.9.", "panel": "1.9."}
_SCALARS = (str, int, float, bool, type(None))
_applied = False


def apply() -> bool:
    """Make opening a page cheaper in this process; False with versions that are not known."""
    global _applied
    unknown = {name: version(name) for name in WRITTEN_FOR if not _is_known(name)}
    if unknown:
        log.warning("pages open slower than they could: not tried with %s", unknown)
        return False
    if not _applied:
        _send_without_delay()
        _remember_stable_defaults()
        _remember_scalar_defaults()
        bokeh_settings.perform_document_validation = False
        pn.config.browser_info = False  # one more model and root for each of ours
        _applied = True
    return True


def _is_known(package: str) -> bool:
    return version(package).startswith(WRITTEN_FOR[package])


def _send_without_delay() -> None:
    """Switch Nagle off: a message is three writes, and each would wait for a delayed ACK."""
    opened: Callable[..., Any] = WSHandler._async_open

    async def _async_open(self: WSHandler, token: str) -> None:
        self.set_nodelay(True)
        await opened(self, token)

    WSHandler._async_open = _async_open  # type: ignore[method-assign]


def _remember_stable_defaults() -> None:
    """Ask once per class and property whether a default is made anew for each model."""
    ask: Callable[..., bool] = PropertyDescriptor.has_unstable_default
    known: dict[tuple[type, str], bool] = {}

    def has_unstable_default(self: PropertyDescriptor[Any], obj: HasProps) -> bool:
        key = (type(obj), self.name)
        answer = known.get(key)
        if answer is None:
            answer = known[key] = ask(self, obj)
        return answer

    PropertyDescriptor.has_unstable_default = has_unstable_default  # type: ignore[method-assign]


def _remember_scalar_defaults() -> None:
    """Compute a default once per class and property where it is a scalar that no theme sets."""
    compute: Callable[..., Any] = Property.themed_default
    known: dict[tuple[type, str], Any] = {}

    def themed_default(
        self: Property[Any],
        cls: type[HasProps],
        name: str,
        theme_overrides: dict[str, Any] | None,
        *,
        no_eval: bool = False,
    ) -> Any:
        if theme_overrides is not None and name in theme_overrides:
            return compute(self, cls, name, theme_overrides, no_eval=no_eval)
        key = (cls, name)
        if key in known:
            return known[key]
        value = compute(self, cls, name, theme_overrides, no_eval=no_eval)
        if isinstance(value, _SCALARS) and not callable(_declared_default(self, cls, name)):
            known[key] = value
        return value

    Property.themed_default = themed_default  # type: ignore[method-assign]


def _declared_default(declared: Property[Any], cls: type[HasProps], name: str) -> Any:
    return cls._overridden_defaults().get(name, declared._default)


def page_server(
    pages: Mapping[str, Application],
    *,
    unix_socket: str,
    session_key: str,
    hidden_headers: Sequence[str],
) -> Server:
    """Make the server of a page worker: pages by address.

    `hidden_headers` never enter a session's token, which the browser can read.
    """
    return get_server(
        dict(pages),  # type: ignore[arg-type]  # applications are taken, and not declared
        unix_socket=unix_socket,
        sign_sessions=True,
        secret_key=session_key.encode(),
        exclude_headers=list(hidden_headers),
        index=None,
    )
