import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { lookAtTestStages } from "../../checks/lib/stream/look.ts";
import type { TestStage } from "../../checks/lib/stream/served-stage.ts";
import { type ProbeOptions, probe } from "./probe.ts";
import type { Fault } from "./probe-report.ts";

const { look, sd, hd } = lookAtTestStages();

describe("a stage that matches its declaration", () => {
  it("has no fault, and a delay for each rendition", async () => {
    const report = await (await look({ renditions: [hd(), sd()] })).report;
    expect(report.faults).toEqual([]);
    expect(report.renditions.map(({ name, width, framerate }) => [name, width, framerate])).toEqual([
      ["SD", 320, 30],
      ["HD", 426, 30],
    ]);
    // The second segment ends one frame before second 2 is over.
    for (const { latencySeconds } of report.renditions) expect(latencySeconds).toBeCloseTo(13.033, 3);
    expect(report.serverClockAheadSeconds).toBe(0);
  });

  it("can be probed without a declaration", async () => {
    const report = await (await look({ renditions: [hd()] }, { renditions: undefined })).report;
    expect(report.faults).toEqual([]);
    expect(report.renditions).toEqual([
      {
        ...{ name: "426x240", width: 426, height: 240, framerate: 30 },
        ...{ latencySeconds: expect.any(Number), videoKbps: expect.any(Number), segmentSeconds: 1 },
      },
    ]);
  });

  it("has no fault if a playlist is incomplete now and then; the report counts that", async () => {
    let asked = 0;
    const tearing = hd({ playlist: (text) => (asked++ % 2 === 0 ? text.slice(0, 30) : text) });
    const report = await (await look({ renditions: [sd(), tearing] })).report;
    expect(report.faults).toEqual([]);
    expect(report.tornPlaylists).toBeGreaterThan(1);
  });

  it("has no fault if a connection breaks now and then because a playlist gets shorter while it is sent", async () => {
    let asked = 0;
    const override = (path: string) =>
      path.endsWith("1/stream.m3u8") && asked++ % 3 === 1 ? ({ body: "", cut: true } as const) : undefined;
    const report = await (await look({ renditions: [sd(), hd()], override })).report;
    expect(report.faults).toEqual([]);
    expect(report.tornPlaylists).toBeGreaterThan(0);
  });

  it("has no fault if it starts late; meanwhile the probe says that it waits", async () => {
    const said: string[] = [];
    const { change, report } = await look(
      { renditions: [sd()], online: () => false },
      { deadlineSeconds: 20, onProgress: (text) => said.push(text) },
    );
    setTimeout(() => change({ renditions: [sd()] }), 300);
    setTimeout(() => change({ renditions: [sd(), hd()] }), 1200);
    expect((await report).faults).toEqual([]);
    expect(said[0]).toContain("offline");
    expect(said).toContain("HD: not in the master playlist, which names 320x180");
    expect(said.at(-1)).toBe("4 of 4 segments decoded");
  });
});

type Case = { fault: string; stage: () => TestStage; expected: Fault; options?: Partial<ProbeOptions> };
const about = (check: Fault["check"], says: string): Fault => ({ check, message: expect.stringContaining(says) });
const aboutHd = (check: Fault["check"], says: string): Fault => ({ rendition: "HD", ...about(check, says) });

describe("a fault of the stage is named, and no other", () => {
  it.concurrent.each<Case>([
    {
      fault: "nobody publishes",
      stage: () => ({ renditions: [sd(), hd()], online: () => false }),
      expected: about("online", "offline: nobody publishes"),
    },
    {
      fault: "Owncast is down and its proxy answers",
      stage: () => ({ renditions: [], override: () => ({ status: 502, body: "" }) }),
      expected: about("online", "/api/status answers 502"),
    },
    {
      fault: "another program answers",
      stage: () => ({ renditions: [], override: () => ({ body: "<html>It works!</html>" }) }),
      expected: about("online", "does not answer as Owncast does"),
    },
    {
      fault: "the master playlist is empty while online",
      stage: () => ({ renditions: [] }),
      expected: about("master", "online, but the master playlist cannot be used: it names nothing to play"),
    },
    {
      fault: "the master playlist is missing",
      stage: () => ({
        renditions: [],
        override: (path) => (path.endsWith("m3u8") ? { status: 404, body: "" } : undefined),
      }),
      expected: about("master", "the server answers 404"),
    },
    {
      fault: "a rendition is missing",
      stage: () => ({ renditions: [sd()] }),
      expected: aboutHd("missing", "not in the master playlist, which names 320x180"),
    },
    {
      fault: "there is an undeclared rendition",
      stage: () => ({ renditions: [sd(), hd(), { ...hd(), width: 640, height: 360 }] }),
      expected: about("extra", "640x360 is in the master playlist, but not declared"),
    },
  ])("if $fault", async ({ stage, expected, options }) => {
    const report = await (await look(stage(), options)).report;
    expect(report.faults).toEqual([expected]);
    const faulty = report.renditions.filter(({ latencySeconds }) => latencySeconds === undefined);
    expect(faulty.map(({ name }) => name)).toEqual(expected.rendition ? [expected.rendition] : []);
  });
});

describe("an unreachable server", () => {
  it("is not a fault of the stage: the probe itself fails with 69", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const failing = probe({ url: `http://127.0.0.1:${port}`, deadlineSeconds: 20 });
    await expect(failing).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringContaining("connection refused"),
    });
  });
});
