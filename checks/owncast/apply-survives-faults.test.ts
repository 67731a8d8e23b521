import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import type { Seed } from "../../generated/seed.d.ts";
import { type Applied, apply } from "../../src/owncast/apply/apply.ts";
import { planText } from "../../src/owncast/apply/plan-text.ts";
import { sample } from "../lib/exhaustive.ts";
import { type PlainOwncast, startSettingsOwncast } from "../lib/owncast/plain-owncast.ts";
import { type Fault, type FaultyProxy, startFaultyProxy } from "../lib/site/faulty-proxy.ts";

const seed = expandStage({ instance: { name: "Wanted", summary: "Wanted too" } });
const reveal = (name: string) => `${name}-of-this-test`;
const authorization = `Basic ${Buffer.from(`admin:${reveal("admin-password")}`).toString("base64")}`;
const read = "GET /api/admin/serverconfig";
const nameWrite = "POST /api/admin/config/name";
const passwordWrite = "POST /api/admin/config/adminpass";
const summaryWrite = "POST /api/admin/config/serversummary";

let owncast: PlainOwncast;
let proxy: FaultyProxy;
beforeAll(async () => {
  owncast = await startSettingsOwncast();
  proxy = await startFaultyProxy(owncast.url);
});
afterAll(async () => {
  proxy?.stop();
  await owncast?.stop();
});
async function admin(path: string, body: object): Promise<void> {
  const answer = await fetch(`${owncast.url}/api/admin/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { authorization },
  });
  expect(answer.status).toBe(200);
}

/** Applies with these faults, each for the next request of its kind, in order. Later requests pass. */
function applyWith(
  faults: Record<string, readonly Fault[]>,
  deadlineSeconds = 60,
  wanted: Seed = seed,
): Promise<Applied> {
  ticked.length = 0;
  const left = new Map(Object.entries(faults).map(([asked, list]) => [asked, [...list]]));
  proxy.requests.length = 0;
  proxy.faultOf = (asked) => left.get(asked)?.shift() ?? "pass";
  return apply({ seed: wanted, reveal, url: proxy.url, deadlineSeconds }, (written) => {
    if (written !== "adminPassword") ticked.push(written.path);
  });
}

/** Paths of the settings that the last apply reported as written. */
const ticked: string[] = [];

async function names(): Promise<[name: string, summary: string]> {
  const answer = await fetch(`${owncast.url}/api/admin/serverconfig`, { headers: { authorization } });
  const { instanceDetails } = (await answer.json()) as { instanceDetails: { name: string; summary: string } };
  return [instanceDetails.name, instanceDetails.summary];
}

/** Apply writes both at once. */
async function untilNameIsWritten(): Promise<void> {
  while ((await names())[0] !== "Wanted") await sleep(50);
  // Its response is on the way.
  await sleep(300);
}

/** Makes the test's own password the server's again. */
const takePasswordBack = () => owncast.restartWith(reveal("admin-password"));

const asked = (what: string): number => proxy.requests.filter((one) => one === what).length;

interface PassingFault {
  /** The faults of the next requests, in order, by kind of request. */
  readonly faults: Record<string, Fault[]>;
  /** How often an apply then writes the name. */
  readonly nameWrites: number;
  readonly deadlineSeconds?: number;
}

const savedAnd = (status: number, body: string): Fault => ({ saved: true, status, body });

/** Faults after which an apply ends converged. */
const passingFaults: readonly [fault: string, PassingFault][] = [
  [
    "a write that is never answered and never done",
    { faults: { [nameWrite]: ["hold"] }, nameWrites: 2, deadlineSeconds: 10 },
  ],
  [
    "a write that is done and never answered, without writing twice",
    { faults: { [nameWrite]: ["hold when saved"] }, nameWrites: 1, deadlineSeconds: 10 },
  ],
  [
    "reads that are never answered for longer than one request waits",
    { faults: { [read]: ["pass", "hold"] }, nameWrites: 1, deadlineSeconds: 60 },
  ],
  [
    "a write that is refused with 400 and was saved all the same",
    {
      faults: { [nameWrite]: [savedAnd(400, '{"success":false,"message":"followers were not told"}')] },
      nameWrites: 1,
    },
  ],
  ["a write that is saved and answered 500", { faults: { [nameWrite]: [savedAnd(500, "")] }, nameWrites: 1 }],
  ["a connection that is cut before the write is done", { faults: { [nameWrite]: ["cut"] }, nameWrites: 2 }],
  [
    "a connection that is cut when the write is done, without writing twice",
    { faults: { [nameWrite]: ["cut when saved"] }, nameWrites: 1 },
  ],
  ["a connection that is cut twice", { faults: { [nameWrite]: ["cut", "cut"] }, nameWrites: 3 }],
  ["a proxy that says the server is gone", { faults: { [nameWrite]: [{ status: 502 }] }, nameWrites: 2 }],
  [
    "reads that are cut, cut within the answer, or answered 500 and 503",
    {
      faults: { [read]: ["cut", "cut within the answer", { status: 500 }, "pass", { status: 503 }, "cut"] },
      nameWrites: 1,
    },
  ],
];

test("if the server does not accept the password, the public default stays, and the error says so", async () => {
  const done: unknown[] = [];
  proxy.faultOf = (what) => (what === passwordWrite ? { status: 500 } : "pass");
  const attempt = apply({ seed, reveal, url: proxy.url, deadlineSeconds: 5 }, (written) => done.push(written));
  await expect(attempt).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/did not change .*500.*public default/),
  });
  expect(done).not.toContain("adminPassword");
  expect((await owncast.admin("serverconfig")).status).toBe(200);
});

/** Applies the seed, then changes both settings. */
const setUp = () => {
  beforeAll(async () => {
    await owncast.restartWith(reveal("admin-password"));
    await applyWith({});
  });
  beforeEach(async () => {
    for (const endpoint of ["name", "serversummary"]) await admin(`config/${endpoint}`, { value: "Other" });
  });
};

describe("ends converged after", () => {
  setUp();
  test.each(sample("faults that an apply outlives", passingFaults, 3))(
    "%s",
    async (_, { faults, nameWrites, deadlineSeconds }) => {
      await applyWith(faults, deadlineSeconds);
      expect(await names()).toEqual(["Wanted", "Wanted too"]);
      expect(asked(nameWrite)).toBe(nameWrites);
    },
  );

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
  setUp();
  const lastingFaults: [fault: string, { faults: Fault[]; says: string }][] = [
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
  ];
  test.each(sample("faults that an apply cannot outlive", lastingFaults, 2))("%s", async (_, { faults, says }) => {
    await expect(applyWith({ [nameWrite]: faults })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(`instance.name ${says}`),
    });
    expect(await names()).toEqual(["Other", "Wanted too"]);
    // Apply reports "written" only after the server's success.
    expect(ticked.includes("instance.name")).toBe(says.includes("answered 200"));
    expect(asked(nameWrite)).toBeLessThanOrEqual(3);
  });

  test("the server stays away: the error lists what was written, what may be, and what was not", async () => {
    let gone = false;
    const attempt = applyWith({}, 4);
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

  test("another admin changes the password meanwhile", async () => {
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

  test("one of two writers gives up: the other starts no more writes", async () => {
    const { instance } = seed;
    const more = { ...instance, welcomeMessage: "Wanted as well", offlineMessage: "And this", title: "And that" };
    const attempt = applyWith({}, 60, { ...seed, instance: more });
    let isChanged = false;
    proxy.faultOf = async (what): Promise<Fault> => {
      if (what === nameWrite) {
        await admin("config/adminpass", { value: "another" });
        isChanged = true;
      }
      if (what !== summaryWrite) return "pass";
      // This response comes after the first writer has given up.
      while (!isChanged) await sleep(20);
      await sleep(1500);
      return { status: 200, body: "{}" };
    };
    await expect(attempt).rejects.toMatchObject({ exitCode: 77 });
    expect(proxy.requests.toSorted()).toEqual([read, nameWrite, summaryWrite]);
    await takePasswordBack();
  });
});

describe("tells apart", () => {
  test("a refused password, at once", async () => {
    const other = (name: string) => `${name}-that-nobody-set`;
    proxy.requests.length = 0;
    proxy.faultOf = () => "pass";
    await expect(apply({ seed, reveal: other, url: proxy.url, deadlineSeconds: 600 })).rejects.toMatchObject({
      exitCode: 77,
      remedy: expect.stringContaining("restart the stage"),
    });
    expect(proxy.requests).toEqual([read, read]);
  });

  test("a server without a usable response, until the deadline", async () => {
    for (const fault of ["cut", { status: 500 }, { status: 502 }] as const)
      await expect(applyWith({ [read]: Array(1000).fill(fault) }, 1)).rejects.toMatchObject({ exitCode: 69 });
    expect(proxy.requests.length).toBeGreaterThan(1);
  });

  test("a redirect, at once and without its path", async () => {
    const location = "https://live.test/login?token=hidden";
    const error = await applyWith({ [read]: [{ status: 302, location }] }).catch((caught: Error) => caught);
    expect(error).toMatchObject({ exitCode: 69, message: expect.stringContaining("redirects to https://live.test,") });
    expect(String(error)).not.toContain("hidden");
    expect(proxy.requests).toEqual([read]);
  });

  test("another server's page, at once", async () => {
    await expect(applyWith({ [read]: [{ status: 200, body: "<html>" }] })).rejects.toMatchObject({ exitCode: 69 });
    await expect(applyWith({ [read]: [{ status: 404 }] })).rejects.toThrow("is it Owncast?");
  });
});

describe("a plan", () => {
  test("uses the stage file's words", async () => {
    await admin("config/chat/disable", { value: false });
    await admin("config/video/streamlatencylevel", { value: 4 });
    const text = planText(await applyWith({}, 5, { ...seed, chat: { enabled: false }, video: { latency: "low" } }));
    expect(text).toContain("chat.enabled: true → false");
    expect(text).toContain('video.latency: "highest" → "low"');
  });
});
