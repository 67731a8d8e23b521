# Words that mean themselves wherever Lectern writes them: in a unit (no specifier, no second word), in a shell's line and in
# the Caddyfile (no block, no second argument).
{ lib }:
{
  # An absolute path without detours, which systemd would not take: letters, digits and what needs no quoting anywhere.
  isPlainPath =
    path:
    builtins.match "(/[A-Za-z0-9._+@=,:~-]+)+" path != null
    && lib.all (part: part != "." && part != "..") (lib.splitString "/" path);

  isVersion = version: builtins.match "[0-9A-Za-z][0-9A-Za-z.+_-]*" version != null;

  # A unit's name as other units may name it, with the specifiers that systemd replaces there.
  isUnitName =
    name:
    builtins.match "([A-Za-z0-9:_.@-]|\\\\x[0-9a-f]{2}|%[aAbBgGHijJlmMnNopuUvwW%])+[.](service|socket|target|timer|path|mount|automount|device|swap|slice|scope)" name
    != null;
}
