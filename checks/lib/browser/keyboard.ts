import type { Viewer } from "./browser-viewer.ts";

/** The element with the keyboard's focus, as Chromium describes it to a screen reader. */
export interface Stop {
  /** As in ARIA: `button`, `slider`, … */
  readonly role: string;
  /** Empty if a screen reader has only the role to say. */
  readonly name: string;
}

/** Keys that move the focus: through a page, through a menu. */
export type Mover = "Tab" | "ArrowDown";

// More elements than any page has: after so many presses the focus goes in circles.
const mostStops = 100;

/** The focused element; undefined if there is none. */
export async function focused({ context, page }: Viewer): Promise<Stop | undefined> {
  const session = await context.newCDPSession(page);
  try {
    const { result } = await session.send("Runtime.evaluate", { expression: "document.activeElement" });
    const { nodes } = await session.send("Accessibility.getPartialAXTree", {
      ...(result.objectId === undefined ? {} : { objectId: result.objectId }),
      fetchRelatives: false,
    });
    const [node] = nodes;
    return node && !node.ignored
      ? { role: `${node.role?.value}`, name: `${node.name?.value ?? ""}`.trim() }
      : undefined;
  } finally {
    await session.detach();
  }
}

/** Presses a key that moves the focus until a matching element has it. Throws if no element matches. */
export async function moveTo(viewer: Viewer, fits: (stop: Stop) => boolean, key: Mover = "Tab"): Promise<void> {
  for (let presses = 0; presses < mostStops; presses++) {
    await viewer.page.keyboard.press(key);
    const stop = await focused(viewer);
    if (stop && fits(stop)) return;
  }
  throw new Error(`${key} came to nothing such with ${mostStops} presses`);
}

/** All elements that Tab reaches, from the top of the page to its end. */
export async function tabStops(viewer: Viewer): Promise<Stop[]> {
  const { page } = viewer;
  // After the page's last element nothing has the focus. The next press reaches the first element.
  for (let presses = 0; (await focused(viewer)) !== undefined; presses++) {
    if (presses > mostStops) throw new Error("Tab does not come to the end of the page");
    await page.keyboard.press("Tab");
  }
  const stops: Stop[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await focused(viewer);
    if (!stop) return stops;
    if (stops.push(stop) > mostStops) throw new Error("Tab does not come to the end of the page");
  }
}
