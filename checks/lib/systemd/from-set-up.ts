/** What the set-up provides for some lanes only. Throws if the set-up did not run. */
export function named(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run this lane by its script, such as \`npm run test:systemd\``);
  return value;
}
