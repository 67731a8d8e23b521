import { afterAll, beforeAll, expect, test } from "vitest";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import { type Applied, apply } from "../../src/owncast/apply/apply.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const seed = expandStage({ instance: { name: "Wanted" } });
const reveal = (name: string) => `${name}-of-this-test`;
const read = "GET /api/admin/serverconfig";

let owncast: PlainOwncast;
let proxy: FaultyProxy;
beforeAll(async () => {
  owncast = await startPlainOwncast();
  proxy = await startFaultyProxy(owncast.url);
  await applyWith([]);
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
});

/** Applies with these faults, one for each read, in order; afterwards everything passes. */
function applyWith(faults: readonly Fault[], deadlineSeconds = 600): Promise<Applied> {
  const left = [...faults];
  proxy.requests.length = 0;
  proxy.faultOf = (asked) => (asked === read ? left.shift() : undefined) ?? "pass";
  return apply({ seed, reveal, url: proxy.url, deadlineSeconds });
}

test("a refused password, which is not tried for longer", async () => {
  const other = (name: string) => `${name}-that-nobody-set`;
  proxy.requests.length = 0;
  proxy.faultOf = () => "pass";
  await expect(apply({ seed, reveal: other, url: proxy.url, deadlineSeconds: 600 })).rejects.toMatchObject({
    exitCode: 77,
    remedy: expect.stringContaining("restart the stage"),
  });
  expect(proxy.requests).toEqual([read, read]);
});

test("a server that is not there, or answers only what cannot be used, until the deadline", async () => {
  for (const fault of ["cut", { status: 500 }, { status: 502 }] as const)
    await expect(applyWith(Array(1000).fill(fault), 2)).rejects.toMatchObject({ exitCode: 69 });
  expect(proxy.requests.length).toBeGreaterThan(1);
});

test("a redirect, at once and without its path", async () => {
  const location = "https://live.test/login?token=hidden";
  const error = await applyWith([{ status: 302, location }]).catch((caught: Error) => caught);
  expect(error).toMatchObject({ exitCode: 69, message: expect.stringContaining("redirects to https://live.test,") });
  expect(String(error)).not.toContain("hidden");
  expect(proxy.requests).toEqual([read]);
});

test("another server's page, at once", async () => {
  await expect(applyWith([{ status: 200, body: "<html>" }])).rejects.toMatchObject({ exitCode: 69 });
  await expect(applyWith([{ status: 404 }])).rejects.toThrow("is it Owncast?");
});
