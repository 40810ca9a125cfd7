/** What the page says, in the browser's language. */

const EN = {
  saved: "Saved",
  saving: "Saving…",
  device: "On this device",
  offline: "Offline: kept on this device",
  page: "Offline: waits in this page",
  opening: "Opening…",
  missing: "There is no such project",
  refused: "This sign-in does not open the server",
  title: "Title",
  column: "Column",
  priority: "Priority",
  low: "Low",
  medium: "Medium",
  high: "High",
  urgent: "Urgent",
  due: "Due",
  remove: "Delete",
  add: "Add a card",
};

const KO: typeof EN = {
  saved: "저장됨",
  saving: "저장 중…",
  device: "이 기기에 있음",
  offline: "오프라인: 이 기기에 보관함",
  page: "오프라인: 이 페이지에서 기다림",
  opening: "여는 중…",
  missing: "그런 프로젝트가 없습니다",
  refused: "이 로그인으로는 서버를 열 수 없습니다",
  title: "제목",
  column: "열",
  priority: "우선순위",
  low: "낮음",
  medium: "보통",
  high: "높음",
  urgent: "긴급",
  due: "마감",
  remove: "삭제",
  add: "카드 추가",
};

export const words = navigator.language.startsWith("ko") ? KO : EN;
