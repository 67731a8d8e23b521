import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import { apply } from "../../src/owncast/apply/apply.ts";
import { type Publisher, startPublisher } from "../../src/publish/publisher.ts";
import { isExhaustive, sample } from "../lib/exhaustive.ts";
import { needsNginx } from "../lib/site/golden-front.ts";
import { type FaultyStage, startFaultyStage } from "../lib/stream/faulty-stage.ts";
import { faults, goodStage } from "../lib/stream/stage-faults.ts";

const streamKey = "stream-key-value-for-tests";
let stage: FaultyStage;
let camera: Publisher;
beforeAll(async () => {
  stage = await startFaultyStage();
  const { url, rtmp } = stage.owncast;
  const reveal = (name: string) => `${name}-value-for-tests`;
  await apply({ seed: expandStage(goodStage), url, deadlineSeconds: 20, reveal });
  const picture = { width: 426, height: 240, fps: 15, bitrateKbps: 1000 };
  camera = startPublisher({ target: rtmp, streamKey, ...picture });
  await camera.started;
  await stage.onAir(goodStage.video.ladder.length);
});
afterAll(async () => {
  await camera?.stop();
  await stage?.stop();
});

test("a good set-up has no fault, and every possible check passes", async () => {
  const { code, report } = await stage.probe({}, goodStage, "--chat", "--closed", "192.0.2.1:8080");
  const unmade = report.checks.filter(({ outcome }) => outcome !== "passed");
  // A public stage is open to strangers.
  expect({ code, unmade }).toEqual({ code: 0, unmade: [expect.objectContaining({ check: "private" })] });
});

test("a default Caddy offers HTTP/3: probe warns with the reason, and counts no fault", async () => {
  const { code, report } = await stage.probe({ globals: "" }, goodStage);
  expect({ code, warned: report.checks.filter(({ outcome }) => outcome === "warned") }).toEqual({
    code: 0,
    warned: [
      { check: "http3", outcome: "warned", detail: expect.stringMatching(/Alt-Svc: h3=":443".*cannot use BBR/) },
    ],
  });
});

test.concurrent.each(sample("faults that a probe names", faults, 3))(
  "$fault is named, and nothing else",
  async ({ proxy = {}, declares, flags = [], expected }) => {
    const seen = await stage.probe(proxy, { ...goodStage, ...declares }, ...flags);
    expect({ code: seen.code, faults: seen.faults }, JSON.stringify(seen.report.faults)).toEqual({
      code: 2,
      faults: [...expected].sort(),
    });
  },
);

describe.runIf(isExhaustive)("behind nginx", needsNginx, () => {
  test("an admin page for every address, compressed video, and video without CORS are named, and nothing else", async () => {
    const texts = {
      "alias /var/cache": "gzip on; gzip_types video/mp2t; alias /var/cache",
      "add_header Access-Control-Allow-Origin $lectern_site_main_open always;": "",
    };
    const seen = await stage.probeBehindNginx({ texts, admins: "0.0.0.0/0" }, goodStage, "--chat");
    expect({ code: seen.code, faults: seen.faults }, JSON.stringify(seen.report.faults)).toEqual({
      code: 2,
      faults: ["M: compressed", "M: cors", "S: compressed", "S: cors", "admin"],
    });
  });
});
