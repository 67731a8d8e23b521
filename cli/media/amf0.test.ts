import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAmf, encodeAmf } from "./amf0.ts";

const scalar = fc.oneof(
  fc.double({ noNaN: true }),
  fc.string({ unit: "grapheme", maxLength: 50 }),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
);
const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text !== "__proto__");

describe("AMF0", () => {
  it("reads back what it writes", () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(scalar, fc.dictionary(name, scalar, { noNullPrototype: true }))), (values) => {
        expect(decodeAmf(encodeAmf(...values))).toEqual(values);
      }),
    ));

  it("ends at what is cut off or unknown instead of failing", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(Array.isArray(decodeAmf(Buffer.from(bytes)))).toBe(true);
      }),
    ));

  it("keeps the values before a cut", () => {
    const bytes = encodeAmf("onStatus", 0, null, { code: "NetStream.Publish.Start" });
    expect(decodeAmf(bytes.subarray(0, -5))).toEqual(["onStatus", 0, null]);
  });

  it("reads the array with names that servers answer with", () => {
    const bytes = Buffer.concat([
      Buffer.from([8, 0, 0, 0, 1]),
      encodeAmf({ code: "NetConnection.Connect.Success" }).subarray(1),
    ]);
    expect(decodeAmf(bytes)).toEqual([{ code: "NetConnection.Connect.Success" }]);
  });
});
