/**
 * Options of a test or a group of tests: skipped unless `isHere` holds. The summary then says what it needs, as in
 * `needs nixfmt → npm run setup`: `lack` is the thing and the command that brings it.
 */
export const needs = (isHere: boolean, lack: string) => ({
  skip: !isHere,
  meta: { lacks: `needs ${lack}` },
});

declare module "vitest" {
  interface TaskMeta {
    lacks?: string;
  }
}
