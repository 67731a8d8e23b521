/**
 * Options of a test or a group of tests: skipped unless `isHere` holds. The summary then says what it needs, as in
 * `needs nixfmt → npm run setup`: `lack` is the thing and the command that brings it.
 */
export const needs = (
  isHere: boolean,
  lack: string,
): { readonly skip: boolean; readonly meta?: { readonly lacks: string } } =>
  // A test that is left out for another reason has no lack.
  isHere ? { skip: false } : { skip: true, meta: { lacks: `needs ${lack}` } };

declare module "vitest" {
  interface TaskMeta {
    lacks?: string;
  }
}
