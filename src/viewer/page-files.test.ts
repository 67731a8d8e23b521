import { expect, it } from "vitest";
import { ownFiles } from "./page-files.ts";

it("scripts and styles of the page's own server are found, each once", () =>
  expect(
    ownFiles(`<!doctype html><link rel="stylesheet" href="/styles/a.css"><SCRIPT defer src="/b.js?v=1"></SCRIPT>
<link
  rel="preload" as="script" href="/_next/c.min.js"/><script src="/b.js?v=1"></script>
<link rel="icon" href="/logo.png"><a href="/d.js"><script src="https://other.example/e.js"></script>
<script src="//other.example/f.js"></script><script>const src="/g.js"</script>`),
  ).toEqual(["/styles/a.css", "/b.js?v=1", "/_next/c.min.js"]));

it.each(["<script ", "<link \t", ' <link href="/a', '<script src="/.js.js.js.js.js', '<link href="/a" '])(
  "a page of nothing but %j keeps nobody",
  (piece) => {
    const began = performance.now();
    ownFiles(piece.repeat(300_000 / piece.length));
    // It takes some milliseconds. A reader that looks back and back again takes a minute.
    expect(performance.now() - began).toBeLessThan(10_000);
  },
);
