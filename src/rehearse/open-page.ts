import { ownFiles } from "../viewer/page-files.ts";
import type { Crowd, ViewerRequests } from "./viewer-requests.ts";

const maxPageBytes = 4 * 1024 * 1024;
// Owncast's page has 30.
const mostPageFiles = 100;

/** Opens Owncast's page as a browser does: the HTML, then all of its scripts and styles at once. */
export async function openPage(requests: ViewerRequests, { schedule, tally }: Crowd): Promise<void> {
  const began = schedule.now();
  const page = await requests.get("page", {
    path: "/",
    headers: { "accept-encoding": requests.readable },
    keepBytes: maxPageBytes,
  });
  const html = page && requests.text("page", page, maxPageBytes);
  if (html === undefined) return;
  const files = [...ownFiles(html).slice(0, mostPageFiles), "/api/config", "/api/emoji"];
  const loaded = await Promise.all(files.map((path) => requests.get("page", { path })));
  if (loaded.every((file) => file !== undefined)) tally.pageSeconds.add((schedule.now() - began) / 1000);
}
