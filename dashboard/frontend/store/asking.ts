/** Asks the server what takes place of the series that only it expands. */

export interface Question {
  readonly calendar: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

/** Where the server answers, from the address of its socket. Gives what throws without an answer. */
export function askingAt(
  socketUrl: string,
  fetching: typeof fetch,
): (question: Question) => Promise<unknown> {
  const base = new URL(socketUrl.replace(/^ws/, "http"));
  return async ({ calendar, ...days }) => {
    const url = new URL(`api/calendar/${calendar}/occurrences`, base);
    url.search = new URLSearchParams(days).toString();
    const response = await fetching(url);
    if (!response.ok) throw new Error(`expected 200 of ${url.pathname}, got ${response.status}`);
    return response.json();
  };
}
