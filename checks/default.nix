# One flake check for each file of eval/ and of vm/. Of those in eval/ evaluating is the test, so
# `nix flake check --no-build` runs them all; those in vm/ are virtual machines, and run where there is KVM.
{ pkgs }:
let
  inherit (pkgs) lib;
  tools = import ./eval/lib { libPath = pkgs.path + "/lib"; };

  # That an error says the right thing only nix-instantiate can tell (eval/eval.test.ts); here, that there is one.
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
      # runTests ignores whatever does not begin with "test".
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
