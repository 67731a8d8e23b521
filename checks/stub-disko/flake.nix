# A stand-in for disko: the options that the template for rented servers sets, and their effect on NixOS options.
# It contains no code of disko. Only a real disk shows how disko partitions it.
{
  outputs = _: { nixosModules.disko = import ./module.nix; };
}
