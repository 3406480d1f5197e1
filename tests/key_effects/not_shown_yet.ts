/**
 * Keys whose effect nothing shows yet. Only ever gets shorter.
 *
 * @module
 */

/** By kind and type. */
export const NOT_SHOWN_YET: Readonly<Record<string, readonly string[]>> = {
  "module api.handler": [
    "instanceIDField",
    "transitionMap",
    "appendActions",
    "summaryFields",
    "adminRole",
    "groupField",
    "alertThreshold",
  ],
  "module conditional.expression": [
    "outputs",
  ],
  "module data.transformer": [
    "pipeline",
    "operations[].type",
    "operations[].config.fields",
    "operations[].config.from",
    "pipelines.*[].type",
    "pipelines.*[].config.from",
    "pipelines.*[].config.to",
  ],
  "module dynamic.component": [
    "componentId",
    "source",
    "code",
    "optional",
    "provides",
    "requires",
    "env",
    "secrets",
    "maxExecutionTime",
    "maxExecutionTimeSeconds",
    "maxConcurrency",
    "maxOutputSize",
    "isolation",
    "permissions.net",
    "permissions.read",
    "permissions.write",
    "permissions.env",
  ],
  "module dynamic.folder": [
    "folder",
    "env",
    "secrets",
    "maxConcurrency",
    "maxOutputSize",
    "permissions.net",
    "permissions.read",
    "permissions.write",
    "permissions.env",
  ],
  "module eventbus.modular": [
    "publishBlockTimeout",
  ],
  "module http.proxy": [
    "cache_ttl",
    "composite_routes.*.backends",
    "composite_routes.*.strategy",
  ],
  "module httpserver.modular": [
    "tls.enabled",
  ],
  "module job.store": [
    "recordsMax",
  ],
  "module metrics.collector": [
    "namespace",
  ],
  "module processing.step": [
    "compensateTransition",
    "maxRetries",
    "retryBackoffMs",
  ],
  "module reverseproxy": [
    "cache_ttl",
    "composite_routes.*.backends",
    "composite_routes.*.strategy",
  ],
  "module scheduler.modular": [
    "workerCount",
    "queueSize",
    "jobs[].overlap",
  ],
  "workflow event": [
    "patterns[].patternId",
    "patterns[].windowTime",
    "adapters[].broker",
  ],
  "workflow integration": [
    "registry",
    "allowAdHoc",
    "connectors[].type",
    "connectors[].config.token",
    "connectors[].config.path",
    "connectors[].config.hostname",
    "connectors[].config.port",
    "connectors[].config.secret",
    "connectors[].config.handlers.*.workflow",
    "connectors[].config.handlers.*.action",
    "connectors[].config.handlers.*.topic",
    "connectors[].config.maxOpenConns",
    "steps[].connector",
  ],
  "workflow scheduler": [
    "jobs[].config",
  ],
  "workflow statemachine": [
    "connector",
    "definitions[].description",
    "definitions[].states.*.description",
    "definitions[].transitions.*.description",
    "resourceMappings[].resourceType",
    "resourceMappings[].stateMachine",
  ],
  "trigger event": [
    "broker",
  ],
  "trigger eventbus": [
    "broker",
  ],
  "trigger http": [
    "router",
  ],
  "trigger schedule": [
    "jobs[].timeZone",
    "jobs[].overlap",
  ],
};
