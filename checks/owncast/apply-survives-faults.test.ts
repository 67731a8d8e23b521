import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { type Applied, apply } from "../../src/owncast/apply/apply.ts";
import { nameWrite, passingFaults, read } from "../lib/owncast/passing-faults.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const seed = expandStage({ instance: { name: "Wanted", summary: "Wanted too" } });
const reveal = (name: string) => `${name}-of-this-test`;
const authorization = `Basic ${Buffer.from(`admin:${reveal("admin-password")}`).toString("base64")}`;
const summaryWrite = "POST /api/admin/config/serversummary";

let owncast: PlainOwncast;
let proxy: FaultyProxy;
beforeAll(async () => {
  owncast = await startPlainOwncast();
  proxy = await startFaultyProxy(owncast.url);
  await applyWith({});
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
});
beforeEach(async () => {
  for (const endpoint of ["name", "serversummary"]) await admin(`config/${endpoint}`, { value: "Other" });
});

async function admin(path: string, body: object): Promise<void> {
  const answer = await fetch(`${owncast.url}/api/admin/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { authorization },
  });
  expect(answer.status).toBe(200);
}

/** Applies with these faults, each for the next request of its kind, in order; afterwards everything passes. */
function applyWith(
  faults: Record<string, readonly Fault[]>,
  deadlineSeconds = 60,
  wanted: Seed = seed,
): Promise<Applied> {
  const left = new Map(Object.entries(faults).map(([asked, list]) => [asked, [...list]]));
  proxy.requests.length = 0;
  proxy.faultOf = (asked) => left.get(asked)?.shift() ?? "pass";
  return apply({ seed: wanted, reveal, url: proxy.url, deadlineSeconds });
}

async function names(): Promise<[name: string, summary: string]> {
  const answer = await fetch(`${owncast.url}/api/admin/serverconfig`, { headers: { authorization } });
  const { instanceDetails } = (await answer.json()) as { instanceDetails: { name: string; summary: string } };
  return [instanceDetails.name, instanceDetails.summary];
}

/** Both are written at once. */
async function untilNameIsWritten(): Promise<void> {
  while ((await names())[0] !== "Wanted") await sleep(50);
  // Its answer is on the way.
  await sleep(500);
}

/** Sets the password that this test knows, after another one was set. */
async function takePasswordBack(): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from("admin:another").toString("base64")}` };
  const body = JSON.stringify({ value: reveal("admin-password") });
  expect((await fetch(`${owncast.url}/api/admin/config/adminpass`, { method: "POST", body, headers })).ok).toBe(true);
}

const asked = (what: string): number => proxy.requests.filter((one) => one === what).length;

describe("ends converged after", () => {
  test.each(passingFaults)("%s", async (_, { faults, nameWrites, deadlineSeconds }) => {
    await applyWith(faults, deadlineSeconds);
    expect(await names()).toEqual(["Wanted", "Wanted too"]);
    expect(asked(nameWrite)).toBe(nameWrites);
  });

  test("a restart of the server in the middle", async () => {
    let killed = false;
    let back: Promise<void> | undefined;
    const running = applyWith({});
    proxy.faultOf = async (what): Promise<Fault> => {
      if (what !== nameWrite || killed) return "pass";
      killed = true;
      await owncast.kill();
      back = owncast.start();
      return "pass";
    };
    await running;
    await back;
    expect(killed).toBe(true);
    expect(await names()).toEqual(["Wanted", "Wanted too"]);
  });
});

describe("names what is not converged, and applies the rest, when", () => {
  test.each<[fault: string, { faults: Fault[]; says: string }]>([
    ["a write is answered 500 with an empty body", { faults: [{ status: 500 }], says: "(the server answered 500)" }],
    [
      "a refusal holds two JSON objects",
      {
        faults: [{ status: 400, body: '{"message":"the first","success":false}\n{"message":"the second"}\n' }],
        says: "(the server answered 400: the first)",
      },
    ],
    [
      "a write is answered yes and not done",
      { faults: [{ status: 200, body: "{}" }], says: "(the server answered 200)" },
    ],
    ["every try of a write is cut off", { faults: Array(20).fill("cut"), says: "(the connection was lost" }],
  ])("%s", async (_, { faults, says }) => {
    await expect(applyWith({ [nameWrite]: faults })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(`instance.name ${says}`),
    });
    expect(await names()).toEqual(["Other", "Wanted too"]);
    expect(asked(nameWrite)).toBeLessThanOrEqual(3);
  });

  test("the server goes and stays away: what was written, what perhaps, and what not", async () => {
    let gone = false;
    const attempt = applyWith({}, 8);
    proxy.faultOf = async (what) => {
      if (what === summaryWrite) await untilNameIsWritten();
      gone ||= what === summaryWrite;
      return gone ? "cut" : "pass";
    };
    await expect(attempt).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(
        /written: instance\.name; perhaps written: instance\.summary; not written: nothing/,
      ),
    });
    expect(await names()).toEqual(["Wanted", "Other"]);
  });

  test("somebody changes the password meanwhile", async () => {
    const attempt = applyWith({});
    proxy.faultOf = async (what): Promise<Fault> => {
      if (what === summaryWrite) {
        await untilNameIsWritten();
        await admin("config/adminpass", { value: "another" });
      }
      return "pass";
    };
    await expect(attempt).rejects.toMatchObject({
      exitCode: 77,
      message: expect.stringMatching(
        /written: instance\.name; perhaps written: nothing; not written: instance\.summary/,
      ),
    });
    await takePasswordBack();
  });

  test("one of two writers gives up: the other begins nothing more", async () => {
    const { instance } = seed;
    const more = { ...instance, welcomeMessage: "Wanted as well", offlineMessage: "And this", title: "And that" };
    const attempt = applyWith({}, 60, { ...seed, instance: more });
    proxy.faultOf = async (what): Promise<Fault> => {
      if (what === nameWrite) await admin("config/adminpass", { value: "another" });
      if (what !== summaryWrite) return "pass";
      // Answered when the first writer has given up already.
      await sleep(1500);
      return { status: 200, body: "{}" };
    };
    await expect(attempt).rejects.toMatchObject({ exitCode: 77 });
    expect(proxy.requests.toSorted()).toEqual([read, nameWrite, summaryWrite]);
    await takePasswordBack();
  });
});
