import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyAgain, inSync, type Reconciled, startReconciled } from "../lib/owncast/reconciled.ts";
import { ico, jpg, png, svg } from "../lib/schema/tiny-pictures.ts";

let stand: Reconciled;
beforeAll(async () => {
  stand = await startReconciled();
});
afterAll(() => stand?.stop());
const lectern: Reconciled["lectern"] = (...args) => stand.lectern(...args);
const shown = (path: string) => stand.shown(path);
const put = (name: string, bytes: Uint8Array) => writeFileSync(join(stand.folder, name), bytes);

describe("the page's pictures", () => {
  test.each([
    { setting: "logo", file: "logo.png", bytes: png("a"), changed: png("b"), address: "/logo" },
    { setting: "logo", file: "logo.svg", bytes: svg("red"), changed: svg("blue"), address: "/logo" },
    { setting: "logo", file: "logo.jpeg", bytes: jpg(), changed: Buffer.concat([jpg(), jpg()]), address: "/logo" },
    { setting: "favicon", file: "icon.png", bytes: png("c"), changed: png("d"), address: "/favicon.ico" },
    {
      setting: "favicon",
      file: "icon.ico",
      bytes: ico(),
      // The largest that the schema takes.
      changed: ico("x".repeat(200_000 - 6)),
      address: "/favicon.ico",
    },
  ])("$setting: $file is shown, once, and again when its bytes change", async ({ setting, file, bytes, ...rest }) => {
    const stage = { appearance: { [setting]: file } };
    for (const content of [bytes, rest.changed]) {
      put(file, content);
      const { code, output } = await lectern("apply", stage);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`~ appearance.${setting}: `) });
      expect((await shown(rest.address)).equals(content)).toBe(true);
      expect(await applyAgain(stand, stage)).toEqual(inSync(rest.address));
    }
  });
});

describe("emoji", () => {
  const stage = (file: string, rest = {}) => ({ chat: { emoji: { list: [{ name: "snowflake", file }], ...rest } } });
  const names = async () =>
    (JSON.parse((await shown("/api/emoji")).toString()) as { name: string }[]).map(({ name }) => name);

  test("are shown, once, beside Owncast's own, which are named", async () => {
    put("one.png", png("e"));
    const { code, output } = await lectern("apply", stage("one.png"));
    expect(code).toBe(0);
    expect(output).toMatch(/1 setting changed\nnot managed: chat\.emoji .* and \d\d more \(prune: true removes them\)/);
    expect((await shown("/img/emoji/snowflake.png")).equals(png("e"))).toBe(true);
    expect(await applyAgain(stand, stage("one.png"))).toEqual(inSync("/api/emoji", "/img/emoji/snowflake.png"));
    expect((await names()).length).toBeGreaterThan(50);
  });

  test("are replaced when their bytes change, and when their kind does", async () => {
    put("one.png", png("f"));
    expect((await lectern("apply", stage("one.png"))).output).toMatch(/~ chat\.emoji snowflake: picture .* → picture /);
    expect((await shown("/img/emoji/snowflake.png")).equals(png("f"))).toBe(true);
    put("two.svg", svg());
    expect((await lectern("apply", stage("two.svg"))).code).toBe(0);
    expect((await shown("/img/emoji/snowflake.svg")).equals(svg())).toBe(true);
    expect((await names()).filter((name) => name === "snowflake")).toEqual(["snowflake"]);
  });

  test("pruned, nothing else is left", async () => {
    const { code } = await lectern("apply", stage("two.svg", { prune: true }));
    expect(code).toBe(0);
    expect(await names()).toEqual(["snowflake"]);
    expect(await applyAgain(stand, stage("two.svg", { prune: true }))).toEqual(
      inSync("/api/emoji", "/img/emoji/snowflake.svg"),
    );
  });
});

test("a server without favicons is told so by name and release, and the rest is applied", async () => {
  stand.proxy.hide("/api/admin/config/favicon");
  put("late.png", png("late"));
  const { code, output } = await lectern("apply", { appearance: { favicon: "late.png", logo: "late.png" } });
  expect(code).toBe(1);
  expect(output).toContain("appearance.favicon (the server answered 404; it is there since Owncast 0.2.5)");
  expect((await shown("/logo")).equals(png("late"))).toBe(true);
});
