import { expect, it } from "vitest";
import { edgeConfiguration } from "./edge-site.ts";

const text = edgeConfiguration({ port: 8451, originPort: 8443, isRoot: false });

it("an edge's configuration has no placeholder left, and no other user for its workers", () => {
  expect(text.match(/@[A-Za-z]+@/g)).toBe(null);
  expect(text).not.toContain("user root");
  expect(edgeConfiguration({ port: 8451, originPort: 8443, isRoot: true })).toMatch(/^user root;/);
});

it("an edge on this machine verifies its origin and logs segments, but no playlists", () => {
  expect(text).toContain("server 127.0.0.1:8443 max_fails=0;");
  expect(text).toMatch(/proxy_ssl_verify on;/);
  expect(text.match(/access_log \S+ lectern_segments;/g)).toHaveLength(1);
  const playlists = /location ~ "\^\/hls\/\.\*\\\.m3u8\\z" \{\s*access_log (\S+)/.exec(text);
  expect(playlists?.[1]).toBe("off;");
});
