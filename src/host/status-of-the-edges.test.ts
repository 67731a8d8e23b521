import { expect, it } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import { type StageStatus, statusExitCode } from "./stage-status.ts";
import { statusText } from "./status-text.ts";
import type { EdgeState } from "./steer-client.ts";

const edge = (name: string, more: Partial<EdgeState> = {}): EdgeState => ({
  ...{ name, url: `https://${name}.test`, weight: 1, state: "up", drained: false, viewers: 0, kbps: null, fault: null },
  ...more,
});
const now = Date.parse("2026-11-25T22:10:00Z");
const status = (edges: StageStatus["edges"]): StageStatus => ({
  ...{ name: "main", domain: "live.test", units: undefined, fault: undefined, gate: undefined, edges },
  certificate: { state: "there", until: "2026-12-24T18:00:00.000Z", issuer: "Let's Encrypt" },
  onAir: {
    ...{ state: "offline", since: null, viewers: 0, mostViewers: 0, title: "" },
    ...{ drift: [], waiting: [], untold: [] },
  },
});
const origin = { viewers: 3, kbps: null };

it("shows each edge on one line, and the stage's own server", () => {
  const edges = [
    edge("paris", { viewers: 120, kbps: 8432 }),
    edge("tokyo", { state: "drained", drained: true, viewers: 1, kbps: 640 }),
  ];
  const one = status({ edges, origin });
  expect(statusText(one, now)).toContain(
    [
      "  edges:",
      "    ✓ paris   up, 120 viewers, they get 8.4 Mbit/s at the median",
      "    ! tokyo   drained, 1 viewer, they get 640 kbit/s at the median",
      "      origin  3 viewers",
      "",
    ].join("\n"),
  );
  expect(statusExitCode([one], now)).toBe(ExitCode.done);
});

it("counts an edge that does not answer as a difference, and escapes what its fault says", () => {
  const one = status({ edges: [edge("paris", { state: "down", fault: "status 502\u001b[2J" })], origin });
  expect(statusText(one, now)).toContain("✗ paris   does not answer (status 502\\u001b[2J), 0 viewers");
  expect(statusExitCode([one], now)).toBe(ExitCode.differs);
});

it("says that the steering service does not respond", () => {
  const fault = { exitCode: ExitCode.unreachable, message: "the steering service does not respond at /x: ENOENT" };
  const one = status({ fault });
  expect(statusText(one, now)).toContain(`✗ ${fault.message}`);
  expect(statusExitCode([one], now)).toBe(ExitCode.unreachable);
});

it("a stage without edges says nothing of them", () =>
  expect(statusText(status(undefined), now)).not.toContain("edge"));
