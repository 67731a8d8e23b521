import { createServer, request, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { expandStage } from "../../codegen/schema/stage/stage.ts";
import { apply } from "../../src/owncast/apply/apply.ts";
import { planText } from "../../src/owncast/apply/plan-text.ts";
import { type PlainOwncast, startPlainOwncast } from "../lib/owncast/plain-owncast.ts";

/** What the proxy in front of the real server does to a request: passes it, refuses it, or passes it and cuts the answer off. */
type Fault = "pass" | "refuse" | "cut";

let owncast: PlainOwncast;
let proxy: Server;
let url: string;
let faultOf: (path: string) => Fault;
beforeAll(async () => {
  owncast = await startPlainOwncast();
  proxy = createServer((incoming, answer) => {
    const { method, headers, url: path = "" } = incoming;
    const fault = faultOf(path);
    if (fault === "refuse") {
      incoming.resume();
      return answer.writeHead(500).end();
    }
    const passed = request(new URL(path, owncast.url), { method, headers }, (response) => {
      if (fault === "cut") return incoming.socket.destroy();
      answer.writeHead(response.statusCode ?? 502, response.headers);
      return response.pipe(answer);
    });
    return incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
});
beforeEach(() => {
  faultOf = () => "pass";
});
afterAll(async () => {
  proxy?.close();
  await owncast?.stop();
});

const seed = expandStage({
  instance: { name: "Truth", tags: ["a"] },
  chat: { enabled: false },
  video: { latency: "low" },
});
const target = () => ({ seed, url, deadlineSeconds: 5, reveal: (name: string) => `${name}-value-for-tests` });

test("a password that the server does not take is said to be the public default still", async () => {
  faultOf = (path) => (path.endsWith("/adminpass") ? "refuse" : "pass");
  const done: unknown[] = [];
  const attempt = apply(target(), (written) => done.push(written));
  await expect(attempt).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/did not change .*500.*public default/),
  });
  expect(done).not.toContain("adminPassword");
  expect((await owncast.admin("serverconfig")).status).toBe(200);
});

test("a write that was saved and whose answer was lost is not taken for a failure", async () => {
  await owncast.admin("config/name", { method: "POST", body: JSON.stringify({ value: "Other" }) });
  let cuts = 0;
  faultOf = (path) =>
    path.endsWith("/config/name") && cuts++ === 0 ? "cut" : path.endsWith("/adminpass") ? "refuse" : "pass";
  await expect(apply(target())).rejects.toThrow("did not change");
  const config = (await (await owncast.admin("serverconfig")).json()) as { instanceDetails: { name: string } };
  expect(config.instanceDetails.name).toBe("Truth");
});

test("a refused write is named and gets no tick", async () => {
  await owncast.admin("config/name", { method: "POST", body: JSON.stringify({ value: "Other" }) });
  faultOf = (path) => (path.endsWith("/config/name") ? "refuse" : "pass");
  const ticked: string[] = [];
  const attempt = apply(target(), (written) => {
    if (written !== "adminPassword") ticked.push(written.path);
  });
  await expect(attempt).rejects.toThrow("instance.name (the server answered 500)");
  expect(ticked).not.toContain("instance.name");
});

test("a plan speaks the stage file's words", async () => {
  const authorization = `Basic ${Buffer.from("admin:admin-password-value-for-tests").toString("base64")}`;
  for (const [endpoint, value] of [
    ["chat/disable", false],
    ["video/streamlatencylevel", 4],
  ] as const)
    await fetch(`${owncast.url}/api/admin/config/${endpoint}`, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify({ value }),
    });
  await owncast.admin("config/name", { method: "POST", body: JSON.stringify({ value: "Truth" }) });
  const text = planText(await apply(target()));
  expect(text).toContain("chat.enabled: true → false");
  expect(text).toContain('video.latency: "highest" → "low"');
});
