# A stand-in for nixpkgs: its lib (put beside this file by the test), NixOS' module system over the options that
# Lectern touches, and packages that are a name. With it the flake is evaluated whole, without nixpkgs and offline.
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
