import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/protocol.json";
import type { ClientMessage, ServerMessage } from "./messages";
import { decode, encode, MalformedMessage } from "./protocol";

const BYTES = new Set(["update", "state_vector"]);

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(message: Uint8Array): string {
  return Array.from(message, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A message of the vectors, whose bytes are hex, as the codecs have it. */
function withBytes(message: object): unknown {
  const entries = Object.entries(message).map(([key, value]) => [
    key,
    BYTES.has(key) ? bytes(String(value)) : value,
  ]);
  return Object.fromEntries(entries);
}

describe("messages of the client", () => {
  it.each(vectors.client)("are encoded as Python reads them: $name", (vector) => {
    const encoded = vector.messages.map((m) => hex(encode(withBytes(m) as ClientMessage)));
    expect(encoded.join("")).toBe(vector.hex);
  });
});

describe("messages of the server", () => {
  it.each(vectors.server)("are decoded as Python wrote them: $name", (vector) => {
    expect(decode(bytes(vector.hex))).toEqual(
      vector.messages.map((m) => withBytes(m) as ServerMessage),
    );
  });

  const refused = vectors.refused.filter((vector) => vector.from === "server");
  it.each(refused)("[W1] are refused when malformed: $name", (vector) => {
    expect(() => decode(bytes(vector.hex))).toThrow(MalformedMessage);
  });

  it("are refused when they are not whole frames", () => {
    expect(() => decode(bytes("037d11"))).toThrow(MalformedMessage);
  });
});
