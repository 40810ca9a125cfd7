import { describe, expect, it } from "vitest";
import { safeLink } from "./links";

const HERE = "https://moim.test/project/launch";

describe("an address in a note", () => {
  it.each([
    ["https://example.org/a", "https://example.org/a"],
    ["http://example.org", "http://example.org/"],
    ["www.example.org", "https://www.example.org/"],
    ["minji@example.org", "mailto:minji@example.org"],
    ["mailto:minji@example.org", "mailto:minji@example.org"],
    ["/project/launch?card=c1", "https://moim.test/project/launch?card=c1"],
  ])("may be followed: %s", (written, address) => {
    expect(safeLink(written, HERE)).toBe(address);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://moim.test/1",
  ])("may not: %s", (written) => {
    expect(safeLink(written, HERE)).toBeNull();
  });
});
