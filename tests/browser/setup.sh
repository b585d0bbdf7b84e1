#!/usr/bin/env bash
# Installs Chromium where it is missing and can be installed. Says what is missing otherwise.
set -euo pipefail
command -v python3 > /dev/null || { echo "python3 is missing"; exit 1; }
if command -v chromium > /dev/null || command -v google-chrome > /dev/null; then
    exit 0
fi
command -v apt-get > /dev/null || { echo "chromium is missing, and apt-get to install it"; exit 1; }
[ "$(id -u)" = 0 ] || { echo "chromium is missing, and only root can install it"; exit 1; }
{ apt-get update -qq && apt-get install -y -qq chromium; } > /dev/null 2>&1 ||
    { echo "chromium is missing, and could not be installed"; exit 1; }
