#!/bin/sh
# Fault injector: an Owncast that does not start as often as `faults` in its state folder says, six times at first, and is the
# real one after that.
left=$(cat faults 2>/dev/null || echo 6)
[ "$left" -gt 0 ] || exec /opt/lectern/owncast "$@"
echo $((left - 1)) > faults
echo "made to fail, $left left" >&2
exit 1
