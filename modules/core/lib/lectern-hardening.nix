# The shared set for units that run `lectern`, which is JavaScript.
import ./hardening.nix
// {
  # V8 compiles JavaScript into pages that are written and then executed.
  MemoryDenyWriteExecute = false;
}
