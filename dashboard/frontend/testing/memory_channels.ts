/** BroadcastChannels among the pretended tabs of one browser. */

import type { TabChannel } from "../core/tabs";

export class MemoryChannels {
  readonly #open = new Set<TabChannel>();

  open(): TabChannel {
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (message) => {
        const data = structuredClone(message);
        for (const other of this.#open) if (other !== channel) other.onmessage?.({ data });
      },
      close: () => this.#open.delete(channel),
    };
    this.#open.add(channel);
    return channel;
  }
}
