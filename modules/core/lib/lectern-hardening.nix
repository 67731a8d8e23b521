# The hardening of units that run `lectern`, which is JavaScript.
import ./hardening.nix
// {
  # V8 writes machine code into memory and executes it.
  MemoryDenyWriteExecute = false;
}
