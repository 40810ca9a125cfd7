/** What the bundle gives to its two callers: the hub's page and a Panel component. */

/** What a Panel JSComponent hands to `render`; its params are read by name. */
export interface PanelProps {
  readonly model: unknown;
  readonly el: HTMLElement;
}

export interface ShellOptions {
  /** Address of the sync socket; absent: `/sync` of the page's own host. */
  readonly url?: string;
}

export function render({ el }: PanelProps): void {
  el.dataset.moim = "component";
}

export function mountShell(el: HTMLElement, _options: ShellOptions): void {
  el.dataset.moim = "shell";
}

const shell = document.getElementById("moim");
if (shell) mountShell(shell, {});
