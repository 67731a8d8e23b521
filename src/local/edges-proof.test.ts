import { expect, it } from "vitest";
import { CliError, ExitCode } from "../lib/errors.ts";
import { edgesReport, proveEdges } from "./edges-proof.ts";
import { edgeCommands, edgesLines, moveLines, unreadEdges } from "./edges-text.ts";

const named = (name: string) => ({
  ...{
    name,
    port: 8451,
    url: `https://localhost:${name.length}`,
    folder: `/run/${name}`,
    killFile: `/run/it's/${name}/kill`,
  },
});
const list = [named("paris"), named("tokyo")];
const figures = { served: 30, different: 10, fetched: 10, servedBytes: 3_000_000 };
const up = { weight: 1, state: "up", drained: false, viewers: 3, kbps: 8400, fault: null } as const;
const steering = { edges: list.map(({ name, url }) => ({ ...up, name, url })), origin: { viewers: 0, kbps: null } };
const viewer = { pathway: "paris", hasStarted: true, watchedSeconds: 10, stalledSeconds: 0.1, stalls: 1 };
const good = { figures: [figures, figures], steering, watched: [viewer, viewer] };
const reportOf = ({ figures: all, ...seen }: typeof good) => edgesReport(list, all, seen);

it("finds no fault of edges that serve viewers and fetch each segment once", () => {
  const report = reportOf(good);
  expect(report.faults).toEqual([]);
  expect(edgesLines(report)).toEqual([
    "  ✓ paris   up, 3 viewers, they get 8.4 Mbit/s at the median",
    "  ✓ tokyo   up, 3 viewers, they get 8.4 Mbit/s at the median",
    "    origin  0 viewers",
    "  paris served 30 segments (3.0 MB), 10 different ones; the origin served it 10",
    "  tokyo served 30 segments (3.0 MB), 10 different ones; the origin served it 10",
    "  2 of 2 viewers play, stalled for 0.2 s in all",
  ]);
});

it.each([
  {
    what: "served nothing",
    seen: { ...good, figures: [figures, { ...figures, different: 0 }] },
    says: "the edge tokyo served 0",
  },
  {
    what: "costs the origin more than one request for each segment",
    seen: { ...good, figures: [{ ...figures, fetched: 13 }, figures] },
    says: "the origin served 13 segments to the edge paris, which needed 10",
  },
  {
    what: "is used by nobody",
    seen: { ...good, steering: { ...steering, edges: steering.edges.map((edge) => ({ ...edge, viewers: 0 })) } },
    says: "no viewer says that it uses the edge paris",
  },
  {
    what: "does not answer",
    seen: { ...good, steering: { ...steering, edges: steering.edges.map((edge) => ({ ...edge, state: "down" })) } },
    says: "the edge paris is down",
  },
  {
    what: "has viewers that get no video",
    seen: { ...good, watched: [viewer, { ...viewer, hasStarted: false }] },
    says: "1 of 2 viewers got no video",
  },
])("names an edge that $what", ({ seen, says }) => {
  expect(reportOf(seen as typeof good).faults[0]).toContain(says);
});

it("the running demo shows that steering did not respond, and goes on", () => {
  expect(unreadEdges(new CliError(ExitCode.unreachable, "no response")).lines[0]).toMatch(/✗.* no response$/);
  expect(() => unreadEdges(new TypeError("a fault of Lectern"))).toThrow("a fault of Lectern");
});

it("its commands are words that a shell takes as they are, whatever the folder is called", () => {
  const running = { list, stagesFile: "/run/a b/stages.json" } as unknown as Parameters<typeof edgeCommands>[0];
  const commands = edgeCommands(running);
  expect(commands.drain).toBe("LECTERN_STAGES='/run/a b/stages.json' npm run -s lectern -- edge drain paris");
  expect(commands.kill).toBe("touch '/run/it'\\''s/paris/kill'");
  expect(moveLines(commands, "paris").join("\n")).toContain("comes back by itself after 20 s");
});

it("goes on if the steering service responds late once, and not if Lectern itself has a fault", async () => {
  const failures: Error[] = [new CliError(ExitCode.unreachable, "no response")];
  const running = {
    list,
    watched: () => good.watched,
    figures: async () => figures,
    async steering() {
      const failure = failures.pop();
      if (failure) throw failure;
      return steering;
    },
  } as unknown as Parameters<typeof proveEdges>[0];
  const notes: string[] = [];
  expect((await proveEdges(running, (text) => notes.push(text))).faults).toEqual([]);
  expect(notes).toEqual(["no response"]);
  failures.push(new TypeError("a fault of Lectern"));
  await expect(proveEdges(running, () => {})).rejects.toThrow("a fault of Lectern");
});
