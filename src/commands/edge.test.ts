import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runVerb } from "../../checks/lib/process/run-verb.ts";
import { type SteerService, startSteerService } from "../services/steer/steer-service.ts";
import { verb } from "./edge.ts";

const folder = mkdtempSync(join(tmpdir(), "lectern-edge-"));
const control = join(folder, "control.sock");
const stagesFile = join(folder, "stages.json");
const edge: Server = createServer((_, response) => response.end("alive\n"));
let service: SteerService;

const stage = {
  ...{ domain: "live.test", seed: "/etc/lectern/main.json", owncastUrl: "http://127.0.0.1:8080" },
  ...{ stateDir: "/var/lib/lectern/main", user: "lectern-main", secrets: {} },
};
const install = (more: object): void => {
  writeFileSync(stagesFile, JSON.stringify({ main: { ...stage, ...more }, other: stage }));
};

beforeAll(async () => {
  vi.stubEnv("LECTERN_STAGES", stagesFile);
  edge.listen(0, "127.0.0.1");
  await once(edge, "listening");
  const url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
  const edges = [
    { name: "paris", url },
    { name: "tokyo", url: "http://127.0.0.1:1", weight: 2 },
  ];
  writeFileSync(join(folder, "edges.json"), JSON.stringify({ edges }));
});
beforeEach(async () => {
  install({ steerSocket: control });
  service = await startSteerService({
    ...{ edges: join(folder, "edges.json"), stateDir: join(folder, "state"), say: () => {} },
    ...{ listen: `unix:${join(folder, "steer.sock")}`, control: `unix:${control}` },
  });
});
afterEach(() => service.stop());
afterAll(() => {
  edge.close();
  edge.closeAllConnections();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const run = (...words: string[]) => runVerb(verb, words);
const statesOf = (json: string) =>
  JSON.parse(json).stages.flatMap(({ edges }: { edges: { name: string; state: string }[] }) =>
    edges.map(({ name, state }) => `${name} ${state}`),
  );

describe("lectern edge", () => {
  it("lists the edges of all stages, and says why one does not answer", async () => {
    const { code, stdout } = await run("list");
    expect([code, stdout]).toEqual([
      0,
      "main\n  ✓ paris   up, 0 viewers\n  ✗ tokyo   does not answer (connect ECONNREFUSED 127.0.0.1:1), 0 viewers\n    origin  0 viewers\n",
    ]);
  });

  it("drains and undrains, and says if no edge is left", async () => {
    const drained = await run("drain", "paris", "--json");
    expect([drained.code, statesOf(drained.stdout)]).toEqual([0, ["paris drained", "tokyo down"]]);
    expect(drained.stderr).toContain("no edge gets viewers now");
    const again = await run("undrain", "paris", "--json");
    expect([again.code, statesOf(again.stdout), again.stderr]).toEqual([0, ["paris up", "tokyo down"], ""]);
    expect((await run("undrain", "paris")).code).toBe(0);
  });

  it.each<[string, string[], string]>([
    ["an unknown edge, with the names of all", ["drain", "x/../y"], "this host has no edge"],
    ["an unknown action", ["stop", "paris"], "there is no action stop"],
    ["an action without an edge", ["drain"], "missing: what to drain"],
    ["a list of one", ["list", "paris"], "list takes no name"],
  ])("refuses %s", async (_, words, says) => {
    const { code, stderr, stdout } = await run(...words);
    expect([code, stdout]).toEqual([64, ""]);
    expect(stderr).toContain(says);
  });

  it("says that no stage has edges", async () => {
    install({});
    expect(await run("list")).toMatchObject({ code: 64, stderr: "no stage of this host has edges" });
  });

  it("says that the service is not there", async () => {
    service.stop();
    await expect.poll(async () => (await run("list")).code).toBe(69);
    expect((await run("drain", "paris")).stderr).toContain(`the steering service does not respond at ${control}`);
  });
});
