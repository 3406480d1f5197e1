/**
 * The contract of what can say how it is.
 *
 * @module
 */
import { defineService } from "../service.ts";

/** How something is. */
export interface Health {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** Why, where it is not healthy. */
  readonly message?: string;
}

/** Says how it is. */
export interface HealthReporter {
  /** The name of the check, such as `persistence.orders`. */
  readonly healthName: string;
  /** A thrown error counts as unhealthy. */
  health(): Promise<Health>;
}

/** Modules that report their health. */
export const HealthReporter = defineService<HealthReporter>(
  "health.reporter",
  "reports its health",
);
