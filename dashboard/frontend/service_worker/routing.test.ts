import { describe, expect, it } from "vitest";
import { answererOf } from "./routing";

const HERE = "https://moim.test";

function asked(path: string, mode = "navigate", method = "GET") {
  return answererOf({ url: HERE + path, mode, method }, HERE);
}

describe("who answers", () => {
  it("is the kept page for every address of the dashboard", () => {
    const pages = [
      "/",
      "/project/launch",
      "/project/launch?card=c1",
      "/calendar/team",
      "/page/home",
    ];
    expect(pages.map((path) => asked(path))).toEqual(pages.map(() => "page"));
  });

  it("is the server for data, sockets, native parts, sign-in and what it says of itself", () => {
    const paths = [
      "/sync",
      "/sync/poll/?EIO=4",
      "/yjs/open/x",
      "/api/project/launch",
      "/panel/project/token",
      "/healthz",
      "/metrics",
      "/login",
      "/logout",
      "/graphql",
    ];
    expect(paths.map((path) => asked(path, "cors"))).toEqual(paths.map(() => "server"));
    expect(paths.map((path) => asked(path))).toEqual(paths.map(() => "server"));
  });

  it("is the server for whatever changes something, also at a page's address", () => {
    expect(asked("/", "navigate", "POST")).toBe("server");
    expect(asked("/static/moim-ABCD2345.js", "cors", "POST")).toBe("server");
  });

  it("is what is kept for files, and the server for those of other origins", () => {
    expect(asked("/static/moim-ABCD2345.js", "cors")).toBe("file");
    const elsewhere = { url: "https://elsewhere.test/static/x.js", mode: "cors", method: "GET" };
    expect(answererOf(elsewhere, HERE)).toBe("server");
  });

  it("is the server for the files of native parts, which no build names", () => {
    expect(asked("/static/js/bokeh.min.js?v=3.9.2", "no-cors")).toBe("server");
    expect(asked("/static/extensions/panel/panel.min.js", "no-cors")).toBe("server");
  });

  it("is the server for addresses that are no page's", () => {
    const paths = ["/project/", "/project/a/b", "/project/a%20b", "/static/moim.js", "/elsewhere"];
    expect(paths.map((path) => asked(path))).toEqual(paths.map(() => "server"));
  });

  it("is the server when a page's address is fetched as data", () => {
    expect(asked("/project/launch", "cors")).toBe("server");
  });
});
