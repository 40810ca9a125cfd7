/** What the page says, in the browser's language. */

const EN = {
  saved: "Saved",
  saving: "Saving…",
  device: "On this device",
  offline: "Offline: kept on this device",
  missing: "There is no such project",
  title: "Title",
  column: "Column",
  remove: "Delete",
  add: "Add a card",
};

const KO: typeof EN = {
  saved: "저장됨",
  saving: "저장 중…",
  device: "이 기기에 있음",
  offline: "오프라인: 이 기기에 보관함",
  missing: "그런 프로젝트가 없습니다",
  title: "제목",
  column: "열",
  remove: "삭제",
  add: "카드 추가",
};

export const words = navigator.language.startsWith("ko") ? KO : EN;
