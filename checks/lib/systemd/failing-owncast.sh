#!/bin/sh
# Fault injector: an Owncast that does not start before this file is there, and is the real one after that.
[ -e /etc/owncast-is-mended ] && exec /opt/lectern/owncast "$@"
echo "made to fail" >&2
exit 1
