# Words that need no quoting in a unit, in a shell command or in the Caddyfile.
{ lib }:
{
  # An absolute path without "." and "..", which systemd refuses.
  isPlainPath =
    path:
    builtins.match "(/[A-Za-z0-9._+@=,:~-]+)+" path != null
    && lib.all (part: part != "." && part != "..") (lib.splitString "/" path);

  isVersion = version: builtins.match "[0-9A-Za-z][0-9A-Za-z.+_-]*" version != null;

  # A unit's name, with the specifiers that systemd replaces in it.
  isUnitName =
    name:
    builtins.match "([A-Za-z0-9:_.@-]|\\\\x[0-9a-f]{2}|%[aAbBgGHijJlmMnNopuUvwW%])+[.](service|socket|target|timer|path|mount|automount|device|swap|slice|scope)" name
    != null;
}
