/** What the bundle gives to its two callers: the hub's page and Panel components. */

import { buildIn } from "./core/build";
import { PageKeeper } from "./core/page_keeper";
import type { MoimClient } from "./store/types";
import { fetchCalendarView } from "./views/calendar/calendar";
import { holdPageClient } from "./views/clients";
import { mountBoard, mountBridge, mountCalendar, mountShell } from "./views/mount";
import { type PanelProps, urlOf } from "./views/panel_model";

/** A view may render again without having been removed; then the earlier one goes first. */
const mounted = new WeakMap<object, () => void>();

function render(props: PanelProps, mount: (props: PanelProps) => () => void): void {
  const { model } = props;
  mounted.get(model)?.();
  const unmount = mount(props);
  const remove = () => {
    mounted.delete(model);
    unmount();
  };
  mounted.set(model, remove);
  model.on("remove", remove);
}

type Mount = (props: PanelProps, client: MoimClient) => () => void;

function withClient(mount: Mount): (props: PanelProps) => () => void {
  return (props) => {
    const held = holdPageClient(urlOf(props.model));
    const unmount = mount(props, held.client);
    return () => {
      unmount();
      held.release();
    };
  };
}

const board = { render: (props: PanelProps) => render(props, withClient(mountBoard)) };
const calendar = { render: (props: PanelProps) => render(props, withClient(mountCalendar)) };
const bridge = { render: (props: PanelProps) => render(props, mountBridge) };

/**
 * Panel chooses by the Python class's name; a class derived from `moim.Board` has another name and
 * falls to `render`.
 */
export default {
  Board: board,
  Bridge: bridge,
  Calendar: calendar,
  ...board,
};

const place = document.getElementById("moim");
if (place) {
  const build = buildIn(document.head.innerHTML);
  const keeper = build === null ? null : new PageKeeper({ page: window, build });
  const { client } = holdPageClient(undefined, keeper);
  if (location.pathname.startsWith("/calendar/")) {
    fetchCalendarView();
    client.prefetch(location.pathname.slice(1));
  }
  mountShell(place, { client, path: location.pathname + location.search });
}
