#!/usr/bin/env bash
# Fetches S3Proxy, the S3 server of the tests, from Maven Central. Needs Java and
# Maven; takes about 20 seconds, once.
set -euo pipefail
cd "$(dirname "$0")/../.."

VERSION=3.1.0
FOLDER=.cache/servers/s3proxy
JAR="s3proxy-${VERSION}-jar-with-dependencies.jar"

[ -s "$FOLDER/$JAR" ] && exit 0
mvn -q -B dependency:copy \
  -Dartifact="org.gaul:s3proxy:${VERSION}:jar:jar-with-dependencies" \
  -DoutputDirectory="$PWD/$FOLDER"
