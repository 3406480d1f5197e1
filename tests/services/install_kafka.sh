#!/usr/bin/env bash
# Fetches Apache Kafka from Maven Central for the tests: the jars that kafka_jars.txt
# lists with their digests, which are what Maven resolves for kafka_2.13 and log4j.
# Does nothing where they are. Needs curl; running Kafka needs Java 17.
set -euo pipefail
cd "$(dirname "$0")"

list=$PWD/kafka_jars.txt
central=${MAVEN_CENTRAL:-https://repo1.maven.org/maven2}
target=../../.cache/servers/kafka-4.1.2

[ -d "$target" ] && exit 0
partial=$target.partial
mkdir -p "$partial"
cd "$partial"
fetch='curl --fail --silent --show-error --location --retry 5 --retry-all-errors'
cut -d' ' -f3 "$list" |
  xargs -P 8 -I{} $fetch --create-dirs -o {} "$central/{}"
sha256sum --check --quiet "$list"
# Java takes all jars of one folder.
find . -mindepth 2 -name '*.jar' -exec mv -t . {} +
find . -mindepth 1 -type d -empty -delete
cd ..
mv "$(basename "$partial")" "$(basename "$target")"
