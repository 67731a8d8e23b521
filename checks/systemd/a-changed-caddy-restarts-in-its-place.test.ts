import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test as vitestTest } from "vitest";
import { isExhaustive } from "../lib/exhaustive.ts";
import { expectAllWell, failures, property } from "../lib/systemd/claims.ts";
import { bootHost, type Host } from "../lib/systemd/golden-node.ts";
import { until } from "../lib/systemd/node-command.ts";
import { stageOf } from "../lib/systemd/node-stage.ts";
import { switchTo } from "../lib/systemd/switch.ts";
import { startVisitors, type Visit } from "../lib/systemd/visitors.ts";

// The lane's sample does not include this file.
const test = vitestTest.runIf(isExhaustive);

const segment = (name: string) => `/hls/0/stream-${name}-1.ts`;
const paths = { page: segment("small"), download: segment("large") };
// Longer than upstream's TimeoutStopSec, shorter than `grace_period`.
const downloadMs = 6000;

let host: Host;
beforeAll(async () => {
  host = await bootHost("one", { becomes: ["one-upgraded"] });
  await expectAllWell(host);
  const folder = "/var/cache/lectern/main/hls/0";
  await host.succeed(
    "sh",
    "-ec",
    `mkdir -p ${folder} && cd ${folder} && echo small > stream-small-1.ts && head -c 64M /dev/zero > stream-large-1.ts &&
     chgrp -R caddy . && chmod -R u=rwX,g=rX,o= .`,
  );
});
afterAll(() => host?.stop());

/** How Caddy served visitors during an operation on it, and for some time after. */
async function visited(doIt: () => Promise<unknown>, afterwardsMs: number): Promise<Visit> {
  const visitors = startVisitors(host, stageOf(host), paths);
  await sleep(2000);
  await doIt();
  await sleep(afterwardsMs);
  return visitors.end();
}

const mainPid = () => property(host, "caddy", "MainPID");

test("at a reload everybody is answered, and a download goes on", async () => {
  const before = await mainPid();
  const { longestGapMs, failures, download } = await visited(
    () => host.succeed("systemctl", "reload", "caddy"),
    downloadMs,
  );
  console.log(`a reload: longest time without an answer ${longestGapMs} ms`);
  expect(await mainPid()).toBe(before);
  expect({ failures, download }).toEqual({ failures: [], download: "whole" });
});

// The limit is one second on an idle machine.
test("at a switch to another Caddy everybody is answered again at once, although a download is not done", async () => {
  const before = await mainPid();
  const { longestGapMs, download } = await visited(async () => {
    const decision = await switchTo(host, "one-upgraded");
    expect(decision).toMatchObject({ stop: [], stopAndStart: [], restart: ["caddy.service"], reload: [] });
  }, 1000);
  console.log(`another Caddy: longest time without an answer ${longestGapMs} ms`);
  expect(await mainPid()).not.toBe(before);
  expect(download).toBe("cut");
  expect(longestGapMs).toBeLessThan(3000);
});

test("systemd counts the restart as no failure, and no second one follows", async () => {
  expect(await failures(host)).toBe("");
  expect(await property(host, "caddy", "Result")).toBe("success");
  expect(await property(host, "caddy", "NRestarts")).toBe("0");
});

test("a crashed Caddy comes back, although a crash has the same exit code", async () => {
  const before = await mainPid();
  await host.succeed("systemctl", "kill", "--signal=ABRT", "caddy");
  // While it is dead, its process id is 0, and its state may still be active.
  await until("Caddy runs anew", async () => {
    const pid = await mainPid();
    return !["0", before].includes(pid) && (await property(host, "caddy", "ActiveState")) === "active";
  });
  expect(await property(host, "caddy", "NRestarts")).toBe("1");
});
