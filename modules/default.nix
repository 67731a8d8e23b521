# Lectern as a NixOS module: what every stage has, and one folder per capability.
{
  imports = [
    ./core
    ./services
  ];
}
