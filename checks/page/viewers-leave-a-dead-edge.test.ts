import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loseEdge, losses, playerNames, type SteeredViewer, watchSteered } from "../lib/browser/edge-loss.ts";
import { type SteeredStage, startSteeredStage } from "../lib/browser/steered-stage.ts";
import { isExhaustive, noteLeftOut } from "../lib/exhaustive.ts";
import { needsNginx } from "../lib/site/golden-front.ts";

if (!isExhaustive) noteLeftOut("browsers that leave a dead edge");

// Players leave a dead edge within a few seconds, and have more than that in hand. Without steering they stand still for 40 s.
const atMostSeconds = { killed: 5, hung: 5, drained: 2 } as const;

describe.runIf(isExhaustive)("players of a stage with two edges", needsNginx, () => {
  let stage: SteeredStage;
  let viewers: readonly SteeredViewer[] = [];
  const lost = new Set<string>();

  beforeAll(async () => {
    stage = await startSteeredStage("checks/lib/stages/two-renditions.yaml");
    viewers = await Promise.all(playerNames.map((name) => watchSteered(stage, name)));
  });
  afterAll(() => stage?.stop());

  // A busy machine may miss the limit once.
  test.each(losses)("play on from the other edge when theirs is %s", { retry: 2 }, async (how) => {
    await stage.untilAllUp();
    const edge = viewers[0]?.edge();
    if (!edge) throw new Error("Owncast's page loads from no edge");
    const seen = await loseEdge(stage, edge, how, viewers, { awaySeconds: 6, boundSeconds: 15, afterSeconds: 2 });
    expect(seen.length).toBeGreaterThan(0);
    for (const { player, leftAfterSeconds, stalledSeconds } of seen) {
      lost.add(player);
      expect([player, leftAfterSeconds]).toEqual([player, expect.any(Number)]);
      expect([player, stalledSeconds < atMostSeconds[how]]).toEqual([player, true]);
    }
    const lines = seen.map(({ player, stalledSeconds }) => `${player} ${stalledSeconds.toFixed(1)} s`);
    process.stderr.write(`${how}: stalled ${lines.join(", ")}\n`);
  });

  test("both players were on an edge that was lost", () => expect([...lost].sort()).toEqual([...playerNames].sort()));
});
