# Lectern as a NixOS module: the parts of every stage, and one folder per capability.
{
  imports = [
    ./core
    ./services
  ];
}
