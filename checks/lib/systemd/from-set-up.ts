/** What the set-up says about a thing that only some lanes take. Throws when it did not run. */
export function named(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run this lane by its script, such as \`npm run test:systemd\``);
  return value;
}
