import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AmfFault, type AmfValue, decodeAmf, encodeAmf, readAmf } from "./amf0.ts";

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

  it("stops without an error at a value that is cut off or unknown", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(Array.isArray(decodeAmf(Buffer.from(bytes)))).toBe(true);
      }),
    ));

  it("keeps the values before a cut", () => {
    const bytes = encodeAmf("onStatus", 0, null, { code: "NetStream.Publish.Start" });
    expect(decodeAmf(bytes.subarray(0, -5))).toEqual(["onStatus", 0, null]);
  });

  it("reads the array with names that servers respond with", () => {
    const bytes = Buffer.concat([
      Buffer.from([8, 0, 0, 0, 1]),
      encodeAmf({ code: "NetConnection.Connect.Success" }).subarray(1),
    ]);
    expect(decodeAmf(bytes)).toEqual([{ code: "NetConnection.Connect.Success" }]);
  });

  it("reads cameras' descriptions of codecs that are newer than AMF", () => {
    const about = { app: "live", fourCcList: ["av01", "hvc1", "vp09"], videoFourCcInfoMap: { hvc1: 2 } };
    expect(readAmf(encodeAmf("connect", 1, about))).toEqual(["connect", 1, about]);
  });

  it("reads dates, long texts and classes", () => {
    const date = Buffer.from([11, ...encodeAmf(1_700_000_000_000).subarray(1), 0, 0]);
    const instance = Buffer.concat([Buffer.from([16, 0, 1, 0x43]), encodeAmf({ a: 1 }).subarray(1)]);
    const long = "x".repeat(70_000);
    expect(readAmf(Buffer.concat([date, encodeAmf(long), instance]))).toEqual([1_700_000_000_000, long, { a: 1 }]);
  });

  const deep = 1_000_000;
  it.each<{ what: string; bytes: Buffer }>([
    { what: "objects nested a million deep", bytes: Buffer.alloc(4 * deep, Buffer.from([3, 0, 1, 0x61])) },
    { what: "arrays nested a million deep", bytes: Buffer.alloc(5 * deep, Buffer.from([10, 0, 0, 0, 1])) },
    { what: "an array that claims 4 billion values", bytes: Buffer.from([10, 0xff, 0xff, 0xff, 0xff, 5]) },
    {
      what: "an ECMA array with a million members",
      bytes: Buffer.concat([
        Buffer.from([8, 0, 0x0f, 0x42, 0x40]),
        Buffer.alloc(4 * deep, Buffer.from([0, 1, 0x61, 5])),
      ]),
    },
    { what: "a long text without its bytes", bytes: Buffer.from([12, 0xff, 0xff, 0xff, 0xff, 0x61]) },
    { what: "a value of AMF3", bytes: Buffer.from([17, 1]) },
    { what: "a reference", bytes: Buffer.from([7, 0, 0]) },
    { what: "an object without an end", bytes: Buffer.from([3, 0, 1, 0x61, 5]) },
  ])("refuses $what, at little cost", ({ bytes }) => {
    const started = process.cpuUsage();
    expect(() => readAmf(bytes)).toThrow(AmfFault);
    expect(decodeAmf(bytes)).toEqual([]);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(1);
  });

  it("treats a member called __proto__ like any other", () => {
    const [value] = readAmf(
      Buffer.concat([
        Buffer.from([3, 0, 9]),
        Buffer.from("__proto__"),
        encodeAmf({ app: "live" }),
        Buffer.from([0, 0, 9]),
      ]),
    );
    expect((value as { app?: AmfValue }).app).toBeUndefined();
  });
});
