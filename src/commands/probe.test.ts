import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { makeClip } from "../../checks/lib/stream/clip.ts";
import { serveStage, type TestStage } from "../../checks/lib/stream/served-stage.ts";
import { verb } from "./probe.ts";

let stop = () => {};
afterEach(() => stop());

/** Runs `lectern probe` on a stage for tests, as a person would. */
async function probeStage(stage: TestStage, ...flags: string[]): Promise<{ code: number | null; out: string }> {
  const { url, close } = await serveStage(stage);
  stop = close;
  const args = ["--import", "tsx", "src/main.ts", "probe", "--url", url, "--deadline", "0.1", ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { code, out };
}

describe("lectern probe", () => {
  it("exits 0 and prints a line for each rendition if the stage has no fault", async () => {
    const size = { width: 320, height: 180 };
    const startMs = Date.now();
    const segments = await Promise.all([0, 1000].map((late) => makeClip({ ...size, startMs: startMs + late })));
    const { code, out } = await probeStage({ renditions: [{ ...size, segments }] });
    expect(out).toMatch(/\n\n✓ 320x180@30: live, clock \d+\.\d s (behind|ahead)\n1 of 1 renditions live, 0 faults\n$/);
    expect(code).toBe(0);
  });

  it("exits 2 and names the fault if there is one", async () => {
    const { code, out } = await probeStage({ renditions: [], online: () => false });
    expect(out).toMatch(/^– TLS +not checked: the address is not https\n/);
    expect(out).toMatch(/\n✗ online +offline: nobody publishes/);
    expect(out).toContain(
      "\n\n✗ offline: nobody publishes, viewers get the offline clip\n0 of 0 renditions live, 1 fault\n",
    );
    expect(code).toBe(2);
  });

  it("prints its report as JSON", async () => {
    const { code, out } = await probeStage({ renditions: [] }, "--json");
    expect(JSON.parse(out)).toMatchObject({ renditions: [], faults: [{ check: "master" }], tornPlaylists: 9 });
    expect(code).toBe(2);
  });

  it.each([
    ["--url", { url: "live.example.org" }],
    ["--url", { url: "rtmp://live.example.org/live" }],
    ["--deadline", { deadline: "soon" }],
    ["--resolve", { resolve: ["live.example.org"] }],
    ["--closed", { closed: ["live.example.org"] }],
    ["--http-port", { httpPort: "http" }],
    ["--max-latency", { maxLatency: "-1" }],
  ])("refuses a bad %s before anything else: %o", async (option, wrong) => {
    const right = { url: "https://live.example.org", deadline: "30", maxLatency: "60" };
    await expect(verb.run([], { ...right, ...wrong })).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringContaining(option),
    });
  });
});
