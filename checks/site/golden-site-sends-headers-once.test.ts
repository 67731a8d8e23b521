import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { onEachFront } from "../lib/site/golden-front.ts";
import { type GuardedSite, password, startGuardedSite } from "../lib/site/guarded-site.ts";

onEachFront((front) => {
  let site: GuardedSite;
  beforeAll(async () => {
    site = await startGuardedSite(front);
  });
  afterAll(() => site?.stop());

  describe("the headers of", () => {
    const usual = { "x-content-type-options": ["nosniff"], "referrer-policy": ["strict-origin-when-cross-origin"] };
    const pictures = ["default-src 'none'; style-src 'unsafe-inline'; sandbox"];

    it.each<[string, Record<string, unknown>]>([
      ["/", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      ["/api/status", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      ["/admin/", { ...usual, "x-frame-options": ["DENY"] }],
      ["/hls/0/stream-abc-1.ts", usual],
      ["/embed/video/", { ...usual, "x-frame-options": undefined }],
      ["/embed/chat/readonly/", { ...usual, "x-frame-options": undefined }],
      ["/embed/chat/readwrite/", { ...usual, "x-frame-options": undefined }],
      // Other addresses of Owncast's main page.
      ["/embed/index.html", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      ["/embed/video/index.html", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      ["/embed/chat/readonly/index.html", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      // With a line's end after the name they are no embed and no segment.
      ["/embed/video/%0a", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      ["/hls/0/stream-abc-1.ts%0a", { ...usual, "x-frame-options": ["SAMEORIGIN"] }],
      ["/logo", { ...usual, "content-security-policy": pictures }],
      ["/logo/external", { ...usual, "content-security-policy": pictures }],
      ["/favicon.ico", { ...usual, "content-security-policy": pictures }],
      ["/thumbnail.jpg", { ...usual, "content-security-policy": pictures }],
      ["/preview.gif", { ...usual, "content-security-policy": pictures }],
      ["/img/emoji/none.svg", { ...usual, "content-security-policy": pictures }],
      ["/img/platformlogos/matrix.svg", { ...usual, "content-security-policy": pictures }],
      ["/public/any.svg", { ...usual, "content-security-policy": pictures }],
    ])("%s, each once", async (path, expected) => {
      const { headers } = await site.ask(path, { headers: { authorization: password } });
      for (const [name, values] of Object.entries(expected)) expect([name, headers[name]]).toEqual([name, values]);
    });

    test("pages keep Owncast's policy for scripts, and no second one", async () => {
      const [policy, ...more] = (await site.ask("/")).headers["content-security-policy"] ?? [];
      expect(more).toEqual([]);
      expect(policy).toMatch(/^script-src 'nonce-/);
    });
  });

  test.each([
    ["the page", "/", ["gzip"]],
    ["what the page's scripts read", "/api/config", ["gzip"]],
    ["a picture", "/favicon.ico", undefined],
  ])("%s is compressed if that makes it smaller", async (_, path, encoding) => {
    const { status, headers } = await site.ask(path, { headers: { "accept-encoding": "gzip" } });
    expect([status, headers["content-encoding"]]).toEqual([200, encoding]);
  });

  test("an error page sends the same headers", async () => {
    await site.owncast.kill();
    try {
      const { status, headers } = await site.ask("/");
      expect([status, headers["x-content-type-options"], headers["x-frame-options"]]).toEqual([
        503,
        ["nosniff"],
        ["SAMEORIGIN"],
      ]);
    } finally {
      await site.owncast.start();
    }
  });
});
