import { describe, expect, it } from "vitest";
import { sitesOf } from "../checks/lib/schema/schema-documents.ts";
import { readDocs } from "./emit/docs.ts";
import { annotatedSchema } from "./emit/json-schema.ts";
import { isGoodAt } from "./load/schema-keys.ts";
import { Seed, seedFields } from "./schema/stage/stage.ts";

/** Forms of an address of one host. */
const forms = {
  bare: "https://a.example",
  "bare by http": "http://a.example",
  "IPv6 host": "https://[2001:db8::1]",
  port: "https://a.example:8443",
  "slash at its end": "https://a.example/",
  path: "https://a.example/b/c",
  "path with a slash at its end": "https://a.example/b/",
  query: "https://a.example/b?c=d",
  "query without a path": "https://a.example?c=d",
  fragment: "https://a.example/b#c",
  user: "https://user:pass@a.example",
  websocket: "wss://a.example",
  relative: "/b",
  script: "javascript:alert(1)//https://a.example",
} as const;
type Form = keyof typeof forms;

const hosts: Form[] = ["bare", "bare by http", "IPv6 host"];
const withoutEnd: Form[] = [...hosts, "port", "path", "user"];
const whole: Form[] = [
  ...withoutEnd,
  ...(["slash at its end", "path with a slash at its end", "query", "query without a path", "fragment"] as const),
];

/** Owncast's use of each address of the schema (its source, and `checks/owncast/owncast-does-what-the-schema-allows.test.ts`). */
const uses: Readonly<Record<string, { readonly does: string; readonly takes: readonly Form[] }>> = {
  serverUrl: {
    does: "writes /federation, /logo and /hls behind it; its page works at the root alone",
    takes: [...hosts, "port"],
  },
  "instance.socialHandles[].url": { does: "puts it into a link", takes: whole },
  "chat.socketHost": { does: "the page takes its host name alone", takes: hosts },
  "appearance.externalActions[].url": { does: "puts it into a frame", takes: whole },
  "appearance.externalActions[].icon": { does: "puts it into a picture", takes: whole },
  "storage.objectStorage.endpoint": { does: "writes /bucket/hls/… behind it", takes: withoutEnd },
  "storage.servingEndpoint": { does: "writes /hls/… behind it", takes: withoutEnd },
  "integrations.webhooks.list[].url": { does: "posts to it", takes: whole },
};

const keysOf = (path: string): PropertyKey[] => path.split(/\.|(?=\[)/).map((part) => (part === "[]" ? 0 : part));
const takes = (path: string, value: string): boolean => isGoodAt(Seed, keysOf(path), value);

describe("an address in a seed", () => {
  it("is listed in this test, if its setting accepts only addresses", () => {
    const sites = sitesOf(annotatedSchema(Seed, readDocs("codegen/schema", seedFields).Seed));
    const paths = sites
      .map(({ path }) => path)
      .filter((path) => path !== "" && !path.includes("*") && takes(path, forms.bare) && !takes(path, "a.example"));
    expect([...new Set(paths)].sort()).toEqual(Object.keys(uses).sort());
  });

  it.each(Object.entries(uses))("%s accepts the forms that Owncast can use, and no other", (path, use) => {
    const taken = Object.entries(forms).flatMap(([form, value]) => (takes(path, value) ? [form] : []));
    expect(taken.sort()).toEqual([...use.takes].sort());
  });

  it.each(["xmpp:team@example.org", "matrix:r/team:example.org", "mailto:team@example.org?subject=Hi"])(
    "may be %s if it is a link",
    (address) => {
      const path = "instance.socialHandles[].url";
      expect(Object.keys(uses).filter((other) => takes(other, address))).toEqual([path]);
    },
  );

  it.each(["chat.socketHost", "storage.servingEndpoint"])("%s is cleared by an empty text", (path) =>
    expect(takes(path, "")).toBe(true),
  );
});
