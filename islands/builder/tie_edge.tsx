/**
 * A tie on the canvas. It moves while something goes along it.
 *
 * @module
 */
import { BaseEdge, type EdgeProps, getBezierPath } from "@xyflow/react";
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Bundle } from "./bundles.ts";
import { flowOf } from "./traffic.ts";

export function TieEdge(props: EdgeProps) {
  const { data, label, markerEnd = "" } = props;
  const { bundle } = data as { readonly bundle?: Bundle };
  const isLive = useMemo(
    () =>
      computed(() =>
        bundle?.edges.some(({ path }) => flowOf(path).value.isLive) ?? false
      ),
    [bundle],
  );
  const [path, labelX, labelY] = getBezierPath(props);
  return (
    <BaseEdge
      {...{ path, label, labelX, labelY, markerEnd }}
      className={isLive.value ? "live" : ""}
      labelBgPadding={[4, 2]}
      labelBgBorderRadius={4}
    />
  );
}
