import { afterAll, describe, expect, test } from "vitest";
import type { DemoSummary } from "../../src/local/summary.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needs } from "../lib/needs.ts";
import { type DemoProcess, startDemo } from "../lib/process/demo-process.ts";
import { ensureHeard } from "../lib/speech/ensure-heard.ts";

if (!isExhaustive) noteLeftOut("the demo's captions");

const needsSpeech = needs(Boolean(process.env.SPEECH), "the speech engines → npm run setup");

describe.runIf(isExhaustive)("npm start -- --captions", needsSpeech, () => {
  const demos: DemoProcess[] = [];
  const start = async (...flags: string[]): Promise<DemoProcess> => {
    const demo = await startDemo(["--captions", "--once", "--json", ...flags]);
    demos.push(demo);
    return demo;
  };
  afterAll(() => Promise.all(demos.map((demo) => demo.dispose())));

  test("compares the captions with what the camera says, and leaves nothing behind", async (context) => {
    const demo = await start("--seed", "checks/lib/stages/light-stage.yaml");
    const { code } = await demo.ended;
    const { captions, report } = JSON.parse(demo.stdout()) as DemoSummary;
    process.stderr.write(`${JSON.stringify(captions)}\n`);
    expect({ processes: demo.processes(), folders: demo.runFolders() }).toEqual({ processes: [], folders: [] });
    ensureHeard(context, captions?.realTimeFactor);
    expect(report?.faults).toEqual([]);
    expect({ code, stderr: demo.stderr() }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(captions?.tracks[0]).toBe("English (automatic)");
    expect(captions?.inOwnSegmentShare).toBeGreaterThanOrEqual(0.6);
  });
});

describe("npm start -- --captions says what it lacks", () => {
  const refusal = async (flags: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> => {
    const demo = await startDemo(["--captions", ...flags], undefined, environment);
    const { code } = await demo.ended;
    const said = demo.stderr();
    await demo.dispose();
    return `${code}: ${said}`;
  };

  test.runIf(isExhaustive)("without a speech server", async () => {
    expect(await refusal([], { SPEECH: "" })).toMatch(
      /^1: .*no speech server was found\n {2}→ run `npm start -- --captions`/s,
    );
  });

  test.each([["--edges", "2"], ["--storage"]])("beside %s", async (...flags) => {
    expect(await refusal(flags.filter((flag) => flag !== undefined))).toMatch(/^64: .*exclude each other/s);
  });
});
