import { describe, expect, it } from "vitest";
import { gif, ico, jpg, png, svg } from "../../checks/lib/schema/tiny-pictures.ts";
import { beyondDrawing, pictureType } from "./picture.ts";

const text = (content: string) => new TextEncoder().encode(content);

describe("the type of a picture, read from its bytes", () => {
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
    // A server's error page, saved under the picture's name.
    [undefined, text("404 page not found")],
  ])("is %s", (type, bytes) => expect(pictureType(bytes)).toBe(type));

  it("is found quickly even after a hostile prologue", () => {
    expect(pictureType(text("<!--".repeat(50_000)))).toBeUndefined();
    expect(pictureType(text(`${" ".repeat(100_000)}<svg>`))).toBeUndefined();
  });
});

describe("an SVG with more than a drawing", () => {
  it.each([
    ["a script", "<svg><script>alert(1)</script></svg>"],
    ["a script", '<svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></svg>'],
    ["a script", '<svg xmlns:é="http://www.w3.org/2000/svg"><é:script href="x"/></svg>'],
    ["a script", '<svg onload="alert(1)"/>'],
    ["a script", '<svg>\n<a\nonclick = "x"/></svg>'],
    ["a script", '<svg><a href="javascript:alert(1)"/></svg>'],
    ["a script", '<svg><a href="java&#x73;cript:alert(1)"/></svg>'],
    ["a script", '<svg><a href="java&#10;script&#58;alert(1)"/></svg>'],
    ["a page", '<svg><foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject></svg>'],
    ["a page", '<svg xmlns:h="http://www.w3.org/1999/xhtml"><h:iframe srcdoc="&lt;p>"/></svg>'],
    ["a link to a style sheet in another file", '<?xml-stylesheet type="text/xsl" href="x"?><svg/>'],
    ["entities of its own", "<!DOCTYPE svg [<!ENTITY s 'x'>]><svg>&s;</svg>"],
    ["text that is not UTF-8", '<?xml version="1.0" encoding="utf-16"?><svg/>'],
  ])("holds %s: %s", (what, content) => expect(beyondDrawing(text(content))).toBe(what));

  it("may use another encoding", () => {
    expect(beyondDrawing(Buffer.from("<svg><script/></svg>", "utf16le"))).toBe("text that is not UTF-8");
    expect(beyondDrawing(Uint8Array.of(0x3c, 0xe9, 0x3e))).toBe("text that is not UTF-8");
  });

  it.each([
    ["a drawing", svg()],
    ["a drawing with a style and a description", text("<svg><style>rect{}</style><desc>On stage = live</desc></svg>")],
    ["a drawing that names its encoding", text("<?xml version='1.0' encoding='UTF-8'?><svg/>")],
  ])("is not reported for %s", (_, bytes) => expect(beyondDrawing(bytes)).toBeUndefined());

  it("is checked quickly even with hostile bytes", () => {
    for (const part of ["<", "<a", "&#", " on", "j a", "<?xml "]) beyondDrawing(text(part.repeat(300_000)));
  });
});
