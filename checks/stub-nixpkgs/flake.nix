# A stand-in for nixpkgs: its lib (the test puts it beside this file), NixOS' module system with the options that
# Lectern uses, and packages that are only names. With it, the whole flake evaluates offline and without nixpkgs.
{
  outputs =
    _:
    let
      lib = (import ./lib).extend (
        final: _: { nixosSystem = import ./nixos-system.nix { lib = final; }; }
      );
      packagesFor = system: import ./packages.nix { inherit lib system; };
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] packagesFor;
    };
}
