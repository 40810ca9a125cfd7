/** A thin line in the colour of the person whom I follow, with the way to stop. */

import { X } from "lucide-react";
import { useStore } from "zustand";
import { Icon } from "../icons";
import { useWords } from "../language";
import { shortName } from "../names";
import { Avatar } from "../people";
import { type Follow, stopFollowing } from "./follow";

export function FollowBar({ follow }: { readonly follow: Follow }) {
  const { t } = useWords();
  const followed = useStore(follow, (state) => state.followed);
  if (!followed) return null;
  return (
    <div className={`follow-bar p-${followed.colour}`} role="status" data-moim="follow">
      <Avatar person={followed} />
      <span className="clip">{t("follow.following", { name: shortName(followed.name) })}</span>
      <button type="button" className="btn s" onClick={() => stopFollowing(follow)}>
        <Icon of={X} size={12} />
        {t("follow.stop")}
      </button>
    </div>
  );
}
