import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/lib/free-port.ts";
import { runs } from "../lib/exhaustive.ts";
import { TestFolder } from "../lib/keeper/model-folder.ts";
import { needs } from "../lib/needs.ts";
import { type ControlGroup, makeControlGroup } from "../lib/process/control-group.ts";
import { type KeeperProcess, startKeeper } from "../lib/stream/keeper-process.ts";

const unit = readFileSync("checks/golden/one/units/lectern-main-keeper.service", "utf8");
const setting = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";
const bounds = {
  memoryBytes: Number.parseInt(setting("MemoryMax"), 10) * 1024 ** 2,
  tasks: Number(setting("TasksMax")),
};

const group = makeControlGroup(bounds);
const other = makeControlGroup(bounds);
afterAll(async () => {
  for (const one of [group, other]) await one?.remove();
});

// After a signal it allocates memory until it ends, like a leak over an evening.
const leak = 'process.on("SIGUSR2",()=>{const all=[];for(;;)all.push(Buffer.alloc(1<<20,1))})';

describe(
  "the keeper in a control group with the bounds of its unit",
  needs(group !== undefined && other !== undefined, "root, and control groups → sudo npm run test:e2e"),
  () => {
    let folder: TestFolder;
    let keeper: KeeperProcess;
    let neighbour: KeeperProcess;
    beforeAll(async () => {
      folder = new TestFolder();
      folder.owncast.connect(3, 2, 10);
      for (let index = 0; index < 12; index++) folder.owncast.segment();
      folder.write();
      const start = (own: ControlGroup | undefined, port: number) =>
        startKeeper(port, "http://127.0.0.1:9", folder.hlsDir, {
          before: own?.enter ?? "exit 1",
          nodeOptions: ["--import", `data:text/javascript,${leak}`],
        });
      keeper = await start(group, await freePort());
      neighbour = await start(other, await freePort());
    });
    afterAll(async () => {
      await keeper?.stop();
      await neighbour?.stop();
      folder?.remove();
    });

    test("serves many viewers with half of its memory to spare", async () => {
      const viewers = runs(2000, 10_000);
      await crowd(keeper.url, viewers);
      const peak = group?.peakBytes() ?? 0;
      process.stderr.write(`${viewers} viewers, 500 at a time: ${Math.round(peak / 1024 ** 2)} MB at most\n`);
      expect(peak).toBeLessThan(bounds.memoryBytes / 2);
    });

    test("only the keeper is killed at the bound, and a new one goes on from its state", async () => {
      const before = await playlist(keeper.url);
      expect(before).toContain("stream-s1-x-11.ts");
      process.kill(keeper.pid(), "SIGUSR2");
      expect(await keeper.ended()).toBe("SIGKILL");
      expect(group?.peakBytes()).toBeGreaterThan(0.99 * bounds.memoryBytes);
      expect(await playlist(neighbour.url)).toBe(before);
      // On a host, systemd starts it.
      expect([setting("Restart"), setting("RestartSec")]).toEqual(["always", "200ms"]);
      const asked = playlist(keeper.url);
      await keeper.start();
      expect(await asked).toBe(before);
    });
  },
);

const playlist = async (url: string): Promise<string> => (await fetch(`${url}/hls/0/stream.m3u8`)).text();

/** Sends one request for each of so many viewers, each with an address of its own. */
async function crowd(url: string, viewers: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 500 });
  const ask = (viewer: number) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        "x-forwarded-for": `2001:db8::${viewer.toString(16)}`,
        "user-agent": "Mozilla/5.0 (X11) Test/1.0",
      };
      get(`${url}/hls/${viewer % 3}/stream.m3u8`, { agent, headers }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      }).on("error", reject);
    });
  const statuses = await Promise.all(Array.from({ length: viewers }, (_, viewer) => ask(viewer)));
  agent.destroy();
  expect(new Set(statuses)).toEqual(new Set([200]));
}
