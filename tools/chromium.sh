#!/bin/sh
# Find Chromium for the browser tests; install Debian's when we may. Without it those tests are skipped and say so.
set -u

for name in "${VOLTGATE_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Chromium for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; then
        exit 0
    fi
fi
echo "no Chromium: browser tests will be skipped (install chromium, or set VOLTGATE_CHROMIUM)"
