# A virtual server of KVM, as most rented ones are. nixos-anywhere can put what it finds on the machine in place of this
# file (--generate-hardware-config). Disks are none of it: they stand in disk.nix.
{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];

  nixpkgs.hostPlatform = "x86_64-linux";

  boot.initrd.availableKernelModules = [
    "ahci"
    "nvme"
    "sd_mod"
    "xhci_pci"
  ];
}
