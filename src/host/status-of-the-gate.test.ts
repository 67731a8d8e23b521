import { expect, it } from "vitest";
import { ExitCode } from "../lib/errors.ts";
import type { GateState } from "./gate-client.ts";
import { type StageStatus, statusExitCode } from "./stage-status.ts";
import { statusText } from "./status-text.ts";

const now = Date.parse("2026-11-25T22:10:00Z");
const publisher = { key: "moderator", address: "192.0.2.2", sinceSeconds: 300, silentSeconds: 0.1, kbps: 5812.4 };
const nobody = { publisher: null, waiting: 0 };
const gate = (inputs: GateState["inputs"], more: Partial<GateState> = {}): GateState => ({
  ...{ listening: true, inputs, refused: {} },
  ...more,
});
/** A stage whose status shows only its gate. */
const status = (of: StageStatus["gate"]): StageStatus => ({
  ...{ name: "main", domain: "live.test", units: undefined, fault: undefined, gate: of },
  certificate: { state: "there", until: "2026-12-24T18:00:00.000Z", issuer: "Let's Encrypt" },
  onAir: {
    ...{ state: "offline", since: null, viewers: 0, mostViewers: 0, title: "" },
    ...{ drift: [], waiting: [], untold: [] },
  },
});

interface Case {
  readonly claim: string;
  readonly of: NonNullable<StageStatus["gate"]>;
  readonly says: string;
  readonly code: ExitCode;
}

it.each<Case>([
  {
    claim: "shows that nobody publishes",
    of: gate({ main: nobody }),
    says: "gate: listening; nobody publishes",
    code: ExitCode.done,
  },
  {
    claim: "shows who publishes, how many wait, and how many were refused",
    of: gate({ main: { publisher, waiting: 1 } }, { refused: { "wrong-key": 3, "not-rtmp": 0 } }),
    says: 'gate: listening; key "moderator" publishes from 192.0.2.2 since 2026-11-25 22:05 UTC (5 min), 5812 kbit/s; 1 publisher waits; refused so far: 3 × wrong-key',
    code: ExitCode.done,
  },
  {
    claim: "shows a publisher that sends nothing, and escapes terminal control codes in its key's comment",
    of: gate({ main: { publisher: { ...publisher, key: "a\u001b[2J", silentSeconds: 7.4 }, waiting: 0 } }),
    says: 'gate: listening; key "a\\u001b[2J" publishes from 192.0.2.2 since 2026-11-25 22:05 UTC (5 min), no media for 7 s',
    code: ExitCode.done,
  },
  {
    claim: "shows each of several inputs by its name",
    of: gate({ main: nobody, spare: { publisher: null, waiting: 2 } }),
    says: "gate: listening; main: nobody publishes; spare: nobody publishes; spare: 2 publishers wait",
    code: ExitCode.done,
  },
  {
    claim: "shows a gate that waits for its port, and counts the stage as different",
    of: gate({ main: nobody }, { listening: false }),
    says: "gate: waiting for its port: an Owncast without the gate uses it until its stream ends; nobody publishes",
    code: ExitCode.differs,
  },
  {
    claim: "shows a gate that does not answer, and counts the stage as unreachable",
    of: { fault: { exitCode: ExitCode.unreachable, message: "the gate does not answer", remedy: "look" } },
    says: "✗ the gate does not answer\n    → look",
    code: ExitCode.unreachable,
  },
])("$claim", ({ of, says, code }) => {
  expect(statusText(status(of), now)).toContain(`\n  drift: none\n  ${says}\n  units: `);
  expect(statusExitCode([status(of)], now)).toBe(code);
});

it("a stage's status on a host without the gate has no line about it", () => {
  expect(statusText(status(undefined), now)).toContain("\n  drift: none\n  units: ");
});
