"""How native widgets look: the page's tokens, which reach into their shadow roots."""

from typing import Any

import panel as pn

_FIELD_CSS = """
:host { --design-primary-color: var(--mo-accent, #0b6b58); }
label {
  display: block; margin-bottom: 2px;
  font: var(--mo-t12, 12px/16px sans-serif); color: var(--mo-text-2, inherit);
}
.bk-input {
  min-height: 28px; padding: 4px 8px; border: 0; border-radius: var(--mo-r2, 6px);
  background: var(--mo-surface, #fff); color: var(--mo-text, inherit);
  box-shadow: inset 0 0 0 1px var(--mo-line-control, #8b8a83);
  font: var(--mo-t13, 13px/18px sans-serif);
}
.bk-input:focus {
  outline: 0; box-shadow: inset 0 0 0 2px var(--mo-focus, #0b6b58);
}
select:not([multiple]).bk-input { appearance: auto; background-image: none; }
.bk-input::placeholder { color: var(--mo-text-3, #6a6a64); opacity: 1; }
"""

_CHIPS_CSS = """
:host { margin: 0 0 8px; }
.bk-btn-group { display: flex; flex-wrap: wrap; gap: 4px; }
.bk-btn-group > .bk-btn.bk-btn-default {
  flex: none; margin: 0; padding: 2px 8px; border: 0; border-radius: var(--mo-r1, 4px);
  background: var(--mo-sunken, #efeeea); color: var(--mo-text, inherit);
  font: var(--mo-t12, 12px/16px sans-serif);
}
.bk-btn-group > .bk-btn.bk-btn-default:hover { background: var(--mo-press, #ddd); }
.bk-btn-group > .bk-btn.bk-btn-default.bk-active {
  background: var(--mo-accent-soft, #e4f0ec); color: var(--mo-accent-ink, #0b4a3d);
  box-shadow: inset 0 0 0 1px var(--mo-accent, #0b6b58);
}
.bk-btn-group > .bk-btn:focus-visible { outline: 2px solid var(--mo-focus, #0b6b58); }
"""

_NOTE_CSS = ":host { font: var(--mo-t12, 12px/16px sans-serif); color: var(--mo-text-2, inherit); }"

_HEADING_CSS = """
:host { margin: 12px 0 4px; }
h2 { margin: 0; font: var(--mo-t14, 14px/22px sans-serif); font-weight: 600;
  color: var(--mo-text, inherit); }
"""

_WHOLE_CSS = """
:host {
  --mo-font: "Pretendard Variable", Pretendard, Inter, "Apple SD Gothic Neo", "Noto Sans KR",
    "Noto Sans CJK KR", "Malgun Gothic", system-ui, sans-serif;
  --mo-t12: 12px/16px var(--mo-font);
  --mo-t13: 13px/18px var(--mo-font);
  --mo-t14: 14px/22px var(--mo-font);
  --mo-text: var(--panel-on-background-color, #1d1e1c);
  --mo-text-2: color-mix(in srgb, var(--mo-text) 78%, transparent);
  --mo-text-3: color-mix(in srgb, var(--mo-text) 66%, transparent);
  --mo-sunken: color-mix(in srgb, var(--mo-text) 7%, transparent);
  --mo-press: color-mix(in srgb, var(--mo-text) 13%, transparent);
  --mo-line: color-mix(in srgb, var(--mo-text) 13%, transparent);
  --mo-line-control: color-mix(in srgb, var(--mo-text) 50%, transparent);
  --mo-surface: var(--panel-background-color, #fff);
  --mo-accent: var(--panel-primary-color, #0b6b58);
  --mo-accent-soft: color-mix(in srgb, var(--mo-accent) 16%, transparent);
  --mo-accent-ink: var(--mo-text);
  --mo-focus: var(--mo-accent);
  --divider: 1px solid var(--mo-line);
  background: var(--mo-surface); color: var(--mo-text);
}
.bk-header { padding: 0 8px; }
.bk-headers-wrapper { gap: 4px; }
:host(.bk-above) .bk-header .bk-tab {
  padding: 8px 10px 6px; border: 0; border-bottom: 2px solid transparent; border-radius: 0;
  background: none; color: var(--mo-text-2); font: var(--mo-t13); font-weight: 500;
}
:host(.bk-above) .bk-header .bk-tab:is(:hover, .bk-active) { color: var(--mo-text); }
:host(.bk-above) .bk-header .bk-tab.bk-active { border-bottom-color: var(--mo-accent); }
.bk-header .bk-tab:is(:focus, :active) { outline: 0; }
.bk-header .bk-tab:focus-visible { outline: 2px solid var(--mo-focus); outline-offset: -2px; }
"""

_BESIDE_CSS = """
@media (max-width: 800px) {
  :host { flex-direction: column; overflow-y: auto; }
  .bk-Column { flex: none !important; }
}
"""

FIELD: dict[str, Any] = {
    "sizing_mode": "stretch_width",
    "margin": (0, 0, 8, 0),
    "stylesheets": [_FIELD_CSS],
}
"""What every widget of a form is made with."""

CHIPS: dict[str, Any] = {"sizing_mode": "stretch_width", "stylesheets": [_CHIPS_CSS]}
"""What a choice of several, each a chip, is made with."""

WHOLE: dict[str, Any] = {"sizing_mode": "stretch_both", "stylesheets": [_WHOLE_CSS]}
"""What the tabs of a page without a shell are made with: its tokens, made of Panel's theme."""

BESIDE: dict[str, Any] = {"sizing_mode": "stretch_both", "stylesheets": [_BESIDE_CSS]}
"""What a view and the native parts beside it are made with; under it where there is no room."""

NOTE: dict[str, Any] = {"sizing_mode": "stretch_width", "stylesheets": [_NOTE_CSS]}


def heading(text: str) -> pn.pane.HTML:
    """Give the heading of a part; `text` comes from a string table."""
    return pn.pane.HTML(f"<h2>{text}</h2>", sizing_mode="stretch_width", stylesheets=[_HEADING_CSS])


def caption(text: str) -> pn.pane.HTML:
    """Give the name of a field that has none of its own; `text` comes from a string table."""
    return pn.pane.HTML(f"<span>{text}</span>", margin=(0, 0, 2, 0), stylesheets=[_NOTE_CSS])
