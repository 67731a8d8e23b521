# Of the folder that `npm ci --omit=dev --ignore-scripts` makes, without its .package-lock.json:
# `nix-hash --type sha256 --sri node_modules`. Another package-lock.json, another hash.
"sha256-e7vdYCv/NWFsHcOsH01dXWCpuwBllUOXcmAdC+mpQ84="
