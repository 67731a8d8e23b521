import { describe, expect, it } from "vitest";
import { foreignOrigins, namedHosts, type PageTexts } from "./probe-page.ts";

const page = (texts: Partial<PageTexts>): PageTexts => ({
  html: "",
  styles: [],
  fragments: [],
  pictures: [],
  ...texts,
});
const foreign = (texts: Partial<PageTexts>) => foreignOrigins(page(texts), ["stage.example", "Shop.example:8443"]);

describe("an address that every viewer's browser loads", () => {
  it.each<[string, Partial<PageTexts>]>([
    ["a script", { html: '<script async src="https://elsewhere.example/a.js"></script>' }],
    ["a script without a scheme", { html: "<script src='//elsewhere.example/a.js'></script>" }],
    ["a picture without quotes", { html: "<img src=https://elsewhere.example/a.png>" }],
    ["one of several pictures", { html: '<img srcset="/a.png 1x, https://elsewhere.example/b.png 2x">' }],
    ["a style sheet", { html: '<link rel="stylesheet" href="https://elsewhere.example/a.css">' }],
    ["a font in a style", { html: '<style>@font-face { src: url("https://elsewhere.example/a.woff") }</style>' }],
    ["an import in a style sheet", { styles: ['@import "https://elsewhere.example/a.css";'] }],
    ["a background", { html: '<p style="background: url(https://elsewhere.example/a.png)">' }],
    ["a video in the page text", { fragments: ['<video src="https://elsewhere.example/a.mp4"></video>'] }],
    ["a frame with an escaped address", { fragments: ['<iframe src="https:&#47;&#47;elsewhere.example&#47;a">'] }],
    ["a button's picture", { pictures: ["https://elsewhere.example/a.svg"] }],
  ])("is found in %s", (_, texts) => {
    expect(foreign(texts)).toEqual({ loaded: ["elsewhere.example"], linked: [] });
  });

  it.each<[string, Partial<PageTexts>]>([
    ["the page's own files", { html: '<script src="/a.js"></script><img src="https://stage.example/b.png">' }],
    ["an address that the seed names", { html: '<img src="https://shop.example:8443/a.png">' }],
    [
      "data in the page itself",
      { styles: ["a { background: url(data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E) }"] },
    ],
    ["a namespace", { html: '<svg xmlns="http://www.w3.org/2000/svg"></svg>' }],
    ["an address in the page's metadata", { html: '<link rel="canonical" href="https://other.example/">' }],
    ["a comment in a style sheet", { styles: ["/* see https://other.example/licence */"] }],
  ])("is not found in %s", (_, texts) => expect(foreign(texts).loaded).toEqual([]));
});

it.each(["<a", "<style>", "<style ", ' src="', "<a style='", "url( ", "<img srcset=//a.example"])(
  "a page of nothing but %j keeps nobody",
  (piece) => {
    const began = performance.now();
    foreign({ html: piece.repeat(300_000 / piece.length) });
    // It takes some milliseconds. A reader that looks back and back again takes a minute.
    expect(performance.now() - began).toBeLessThan(10_000);
  },
);

it("a link is not loaded, and Owncast's own links are not even listed", () => {
  const html = '<a href="https://other.example/x">x</a><a href="https://owncast.online">Owncast</a>';
  expect(foreign({ html })).toEqual({ loaded: [], linked: ["other.example"] });
});

it("the hosts that a seed names are read from all its texts", () => {
  const seed = {
    instance: { pageText: "See [the site](https://a.example/x) and <https://b.example:8080>.", name: "A stage" },
    handles: [{ url: "https://c.example/@us" }],
  };
  expect(namedHosts(seed).sort()).toEqual(["a.example", "b.example:8080", "c.example"]);
});
