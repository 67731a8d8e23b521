# One flake check for each file of eval/ and of vm/. Those of eval/ are tested by evaluation alone, so
# `nix flake check --no-build` runs them all. Those of vm/ are virtual machines, and need KVM.
{ pkgs }:
let
  inherit (pkgs) lib;
  tools = import ./eval/lib { libPath = pkgs.path + "/lib"; };

  # This checks only that there is an error. eval/eval.test.ts checks the error's text with nix-instantiate.
  comparable =
    { expr, ... }@test:
    if test ? expectedError then
      {
        expr = (builtins.tryEval (builtins.deepSeq expr true)).success;
        expected = false;
      }
    else
      test;

  failuresOf =
    file:
    lib.runTests (
      # runTests ignores names that do not begin with "test".
      lib.mapAttrs' (claim: test: lib.nameValuePair "test: ${claim}" (comparable test)) (
        import file tools
      )
    );

  check =
    name:
    let
      failures = failuresOf (./eval + "/${name}.nix");
    in
    if failures == [ ] then
      pkgs.runCommand name { } "touch $out"
    else
      throw "${name} does not hold:\n${lib.generators.toPretty { } failures}";

  claimsIn =
    folder:
    map (lib.removeSuffix ".nix") (
      lib.filter (lib.hasSuffix ".nix") (lib.attrNames (builtins.readDir folder))
    );
in
lib.genAttrs (claimsIn ./eval) check
// lib.genAttrs (claimsIn ./vm) (name: import (./vm + "/${name}.nix") { inherit pkgs; })
