# A stand-in for disko: the options that the template for rented servers sets, and what comes of them in NixOS.
# Nothing of disko's is in it; what disko does with a real disk only a real disk tells.
{
  outputs = _: { nixosModules.disko = import ./module.nix; };
}
