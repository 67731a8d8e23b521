import { expect, it } from "vitest";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readLink } from "./link-option.ts";

it.each([
  ["250ms,1%,20mbit", { roundTripMs: 250, lossPercent: 1, mbps: 20 }],
  ["0.3s,0.5%,800kbit", { roundTripMs: 300, lossPercent: 0.5, mbps: 0.8 }],
  ["1Gbit/s, 0%, 0ms", { roundTripMs: 0, lossPercent: 0, mbps: 1000 }],
  ["10s,99.9%,1kbit", { roundTripMs: 10_000, lossPercent: 99.9, mbps: 0.001 }],
])("reads %s", (text, link) => expect(readLink(text)).toEqual(link));

it.each([
  ["", "a part is empty"],
  ["250ms,1%", "it has no rate"],
  ["1%,20mbit", "it has no round trip"],
  ["250ms,20mbit", "it has no loss"],
  ["250ms,1%,20mbit,", "a part is empty"],
  ["250ms,1%,20mbit,3s", "its round trip is given twice"],
  ["250,1%,20mbit", '"250" is no delay, no loss and no rate'],
  ["250ms,1%,20MB", '"20MB" is no delay, no loss and no rate'],
  ["-250ms,1%,20mbit", '"-250ms" is no delay, no loss and no rate'],
  ["1e3ms,1%,20mbit", '"1e3ms" is no delay, no loss and no rate'],
  ["11s,1%,20mbit", '"11s" is out of bounds'],
  ["250ms,100%,20mbit", '"100%" is out of bounds'],
  ["250ms,1%,0mbit", '"0mbit" is out of bounds'],
  ["250ms,1%,2gbit", '"2gbit" is out of bounds'],
  ["constructor,1%,20mbit", '"constructor" is no delay, no loss and no rate'],
])("refuses %j", (text, why) => {
  expect(() => readLink(text)).toThrow(
    expect.objectContaining({ exitCode: ExitCode.usage, message: `--link ${text}: ${why}` }),
  );
});

it("cuts what it repeats", () => {
  const long = `${"x".repeat(100_000)},1%`;
  expect(() => readLink(long)).toThrow(CliError);
  expect(() => readLink(long)).toThrow(/^.{1,200}$/);
});
