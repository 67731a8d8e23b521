import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { caddyFiles } from "./caddy.ts";
import { nginxFiles } from "./nginx.ts";
import { absent, admin, onThisSite, own, type Proof, privateStage } from "./rules.ts";

const host = nginxFiles().get("host.nginx") ?? "";
const stage = nginxFiles().get("stage.nginx") ?? "";

/** The lines of one of nginx's maps: a pattern or `default`, and its value. */
function linesOf(variable: string): readonly (readonly [string, string])[] {
  const [, body = ""] = new RegExp(`^map .* \\$${variable} \\{\\n([^]*?)^\\}`, "m").exec(host) ?? [];
  return [...body.matchAll(/^ {2}(?:"([^"]*)"|(\S+)) (.*);$/gm)].map(([, quoted, bare, value = ""]) => [
    quoted ?? bare ?? "",
    value.replace(/^"(.*)"$/, "$1"),
  ]);
}

/** What nginx takes from a map: the first pattern that matches, or else the default. */
function lookUp(variable: string, text: string): string {
  const lines = linesOf(variable);
  const found = lines.find(([key]) => {
    const [, caseless, pattern] = /^~(\*?)(.*)$/s.exec(key) ?? [];
    return pattern !== undefined && new RegExp(pattern.replace(/\\z$/, "$"), caseless ? "i" : "").test(text);
  });
  return (found ?? lines.find(([key]) => key === "default"))?.[1] ?? "";
}

const origin = "https://live.test";
const address = `${origin}/admin/`;
interface Asked {
  readonly [name: string]: string;
}

/** Whether one of the proofs holds, read from the table alone. */
const isProven = (proofs: readonly Proof[], asked: Asked): boolean =>
  proofs.some((proof) =>
    Object.entries(proof).every(([name, values]) => {
      const value = asked[name] ?? absent;
      return values.some((one) =>
        one === own ? value === origin : one === onThisSite ? value.startsWith(`${origin}/`) : value === one,
      );
    }),
  );

/** The same, as nginx finds it out. */
function nginxFinds(variable: string, asked: Asked): boolean {
  const from = lookUp("lectern_origin", `${asked.Origin ?? ""}|${origin}`);
  const referer = lookUp("lectern_referer", `${asked.Referer ?? ""}|${origin}`);
  const fetched = ["Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"].map((name) => asked[name] ?? "");
  return lookUp(variable, [...fetched, from, referer].join("|")) === "1";
}

const hostile = fc.constantFrom("same-origin|cors|empty", "|", "own", "below", "Same-Origin", "none ", "x");
const header = (...usual: string[]) => fc.option(fc.oneof(fc.constantFrom(...usual), hostile), { nil: undefined });
const requests = fc
  .record({
    "Sec-Fetch-Site": header("same-origin", "none", "cross-site", "same-site"),
    "Sec-Fetch-Mode": header("cors", "no-cors", "navigate"),
    "Sec-Fetch-Dest": header("empty", "image", "document"),
    Origin: header(origin, "https://evil.test", `${origin}:1`, "null"),
    Referer: header(address, "https://evil.test/", `https://evil.test/?${address}`, origin),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined)));

// nginx joins the headers by bars. A header with a bar is no browser's, and may be refused without need, but never let in.
test.each([
  ["lectern_proves_page", admin.page.proofs],
  ["lectern_proves_script", admin.scripts.proofs],
] as const)("nginx's %s says the same as the table for every request", (variable, proofs) => {
  const agrees = (asked: Asked) => {
    const finds = nginxFinds(variable, asked);
    const hasBar = Object.values(asked).some((value) => value.includes("|"));
    return finds === isProven(proofs, asked) || (hasBar && !finds);
  };
  fc.assert(fc.property(requests, agrees), { numRuns: 2000 });
});

describe("a viewer's address in the log", () => {
  it.each([
    ["192.0.2.77", "$lectern_v4.0", "192.0.2"],
    ["::ffff:192.0.2.77", "$lectern_v4.0", "192.0.2"],
    ["2001:db8:1:2:3:4:5:6", "$lectern_v6::", "2001:db8:1"],
    ["2001:db8::7", "$lectern_short_v6::", "2001:db8"],
    ["2001::7", "$lectern_short_v6::", "2001"],
    ["::1", "::", undefined],
    ["unix:", "", undefined],
  ])("%s becomes its network", (text, value, captured) => {
    expect(lookUp("lectern_network", text)).toBe(value);
    const match = linesOf("lectern_network")
      .map(([key]) => new RegExp(key.replace(/^~/, "")).exec(text))
      .find((one) => one !== null);
    if (captured !== undefined) expect(Object.values(match?.groups ?? {})).toEqual([captured]);
  });
});

test.each([
  ["/admin", "1"],
  ["/ADMIN/x", "1"],
  ["//admin//x", "1"],
  ["/administrator", "0"],
  ["/api/admin/x", "0"],
])("%s is the admin page: %s", (path, is) => expect(lookUp("lectern_is_page", path)).toBe(is));

test("the viewers' name in Base64 is the pattern's with every password, and other names are not", () => {
  const pattern = new RegExp(`^${privateStage.nameInBase64}`);
  const shown = (name: string, password: string) => Buffer.from(`${name}:${password}`).toString("base64");
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (password) => pattern.test(shown(privateStage.userName, password))),
  );
  for (const name of ["Viewer", "viewers", "admin", "", "viewe"]) expect(shown(name, "x")).not.toMatch(pattern);
});

test("every block of nginx with headers has those of every response", () => {
  const blocks = stage.split(/^(?=location |\s+if )/m).filter((block) => block.includes("add_header"));
  expect(blocks.length).toBeGreaterThan(10);
  for (const block of blocks)
    for (const name of ["X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security"])
      expect([block.split("\n")[0], block.includes(`add_header ${name} `)]).toEqual([block.split("\n")[0], true]);
});

test("each text that a rule gives to a client is in both", () => {
  const texts = (files: ReadonlyMap<string, string>) => [...files.values()].join("\n");
  const [caddy, nginx] = [texts(caddyFiles()), texts(nginxFiles())];
  const answers = [...nginx.matchAll(/return [45]\d\d (?:"([^"$]+)|'([^']+)')/g)].map(
    ([, one, other]) => one ?? other ?? "",
  );
  expect(answers.length).toBeGreaterThan(8);
  // NixOS fills in the two that say why a private stage is closed.
  for (const text of new Set(answers.filter((one) => !/is closed|is private: /.test(one))))
    expect(caddy).toContain(text.trim());
});
