/** Keeps a fault in one view from taking the page with it. */

import { Component, type ReactNode } from "react";
import { currentWords } from "./language";

interface FenceProps {
  readonly children: ReactNode;
}

interface FenceState {
  readonly isBroken: boolean;
}

export class Fence extends Component<FenceProps, FenceState> {
  override state: FenceState = { isBroken: false };

  static getDerivedStateFromError(): FenceState {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    const { t } = currentWords();
    return (
      <div className="empty" role="alert">
        <h3>{t("app.brokenTitle")}</h3>
        <p>{t("app.brokenHint")}</p>
        <button
          type="button"
          className="btn line"
          onClick={() => this.setState({ isBroken: false })}
        >
          {t("app.tryAgain")}
        </button>
      </div>
    );
  }
}
