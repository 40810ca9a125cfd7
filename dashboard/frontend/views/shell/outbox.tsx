/** What is to be looked at, what waits to be sent, how the connection stands; opened by the pill. */

import { Download, RotateCw } from "lucide-react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { ConnectionState, MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { Popover } from "../popover";
import type { ToastState } from "../toast";
import { ConnectionPanel } from "./connection_panel";
import { ConflictList, RefusedList, WaitingList } from "./outbox_lists";
import type { Place } from "./route";

export interface OutboxProps {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly anchor: Element;
  readonly onClose: () => void;
  /** Shows a card, an event or a cell; missing where this page shows one view only. */
  readonly onGo?: ((place: Place) => void) | undefined;
}

export function Outbox(props: OutboxProps) {
  const { client, anchor, onClose } = props;
  const words = useWords();
  const connection = useStore(client.connection);
  const open = connection.conflicts.length + connection.refused.length;
  const heading = headingOf(connection, open, words);
  return (
    <Popover anchor={anchor} label={heading} onClose={onClose} className="outbox">
      <Head connection={connection} heading={heading} />
      <ConflictList {...props} conflicts={connection.conflicts} />
      <RefusedList {...props} refused={connection.refused} />
      <WaitingList {...props} outbox={connection.outbox} isAlone={open === 0} />
      <ConnectionPanel connection={connection} />
    </Popover>
  );
}

/** What is to be looked at comes first, then what waits. */
function headingOf({ waiting }: ConnectionState, open: number, { t }: Words): string {
  if (open > 0) return t("outbox.toCheck", { n: open });
  return waiting > 0 ? t("outbox.waiting", { n: waiting }) : t("outbox.none");
}

function Head({ connection, heading }: { connection: ConnectionState; heading: string }) {
  const { t } = useWords();
  const { waiting, movedAside, refused } = connection;
  const save = async () => download(await connection.exportOutbox(), "moim-unsent.json");
  return (
    <div className="pop-head">
      <h2 className="grow">{heading}</h2>
      {waiting + movedAside + refused.length > 0 && (
        <button type="button" className="btn s quiet" onClick={() => void save()}>
          <Icon of={Download} />
          {t("outbox.export")}
        </button>
      )}
      <button type="button" className="btn s line" onClick={() => connection.retryNow()}>
        <Icon of={RotateCw} />
        {t("outbox.retry")}
      </button>
    </div>
  );
}

function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
