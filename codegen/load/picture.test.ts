import { describe, expect, it } from "vitest";
import { pictureType, svgHasScript } from "./picture.ts";
import { gif, ico, jpg, png, svg } from "./test-pictures.ts";

const text = (content: string) => new TextEncoder().encode(content);

describe("what a picture is, by its bytes", () => {
  it.each([
    ["png", png()],
    ["jpg", jpg()],
    ["gif", gif()],
    ["ico", ico()],
    ["svg", svg()],
    ["svg", text("\ufeff<!-- drawn by hand -->\n<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg>")],
    ["webp", text("RIFF\0\0\0\0WEBPVP8 ")],
    [undefined, text("<html><svg></svg></html>")],
    [undefined, text("<!DOCTYPE html>")],
    [undefined, text("\x89PNG")],
    [undefined, new Uint8Array()],
    // A curious server's error page, saved under the picture's name.
    [undefined, text("404 page not found")],
  ])("%s", (type, bytes) => expect(pictureType(bytes)).toBe(type));

  it("does not take long over a hostile prologue", () => {
    expect(pictureType(text("<!--".repeat(50_000)))).toBeUndefined();
    expect(pictureType(text(`${" ".repeat(100_000)}<svg>`))).toBeUndefined();
  });
});

describe("a script in an SVG", () => {
  it.each([
    "<svg><script>alert(1)</script></svg>",
    '<svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></svg>',
    '<svg onload="alert(1)"/>',
    '<svg>\n<a\nonclick = "x"/></svg>',
    '<svg><a href="javascript:alert(1)"/></svg>',
  ])("is seen: %s", (content) => expect(svgHasScript(text(content))).toBe(true));

  it("is not seen where there is none", () => expect(svgHasScript(svg())).toBe(false));
});
