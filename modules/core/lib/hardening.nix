# The hardening of all units: no privileges, no writable folders, no devices, loopback only, the system calls of an ordinary
# service, and bounds on memory and tasks that protect the machine and other stages (measured peaks: docs/nixos.md). A unit that
# needs more says why.
{
  CapabilityBoundingSet = "";
  AmbientCapabilities = "";
  NoNewPrivileges = true;
  RestrictSUIDSGID = true;

  ProtectSystem = "strict";
  ProtectHome = true;
  PrivateTmp = true;
  PrivateMounts = true;
  PrivateDevices = true;
  DevicePolicy = "closed";
  ProtectProc = "invisible";
  ProcSubset = "pid";
  UMask = "0077";
  RemoveIPC = true;
  KeyringMode = "private";

  ProtectKernelTunables = true;
  ProtectKernelModules = true;
  ProtectKernelLogs = true;
  ProtectControlGroups = true;
  ProtectClock = true;
  ProtectHostname = true;
  LockPersonality = true;
  RestrictRealtime = true;
  RestrictNamespaces = true;
  MemoryDenyWriteExecute = true;

  RestrictAddressFamilies = [
    "AF_UNIX"
    "AF_INET"
    "AF_INET6"
  ];
  IPAddressDeny = "any";
  IPAddressAllow = "localhost";

  SystemCallArchitectures = "native";
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = [
    "@system-service"
    "~@privileged @resources"
  ];

  # Four times the measured peak of `lectern`.
  MemoryMax = "512M";
  TasksMax = 256;
}
