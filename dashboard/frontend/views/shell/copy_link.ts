/** Puts the address of a place on the clipboard, and says so. */

import type { StoreApi } from "zustand/vanilla";
import { copyText } from "../clipboard";
import type { Words } from "../language";
import type { ToastState } from "../toast";
import { addressOf, type Place } from "./route";

export async function copyLink(
  place: Place,
  toasts: StoreApi<ToastState>,
  { t }: Words,
): Promise<void> {
  const address = location.origin + addressOf(place);
  const isCopied = await copyText(address);
  const text = isCopied ? t("panel.copied") : t("panel.copyByHand", { address });
  toasts.setState({ toast: { text, action: null } });
}
