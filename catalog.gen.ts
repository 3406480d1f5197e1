/**
 * Every type of this build. Generated from the files under modules/ and
 * workflows/ by `deno task generate`; never edited by hand.
 *
 * @module
 */
import { type Catalog, createCatalog } from "./engine/catalog.ts";
import type { AnyDefinition } from "./engine/define.ts";
import modules_api_handler from "./modules/api/handler.ts";
import modules_auth_jwt from "./modules/auth/jwt.ts";
import modules_auth_modular from "./modules/auth/modular.ts";
import modules_business_service from "./modules/business/service.ts";
import modules_cache_modular from "./modules/cache/modular.ts";
import modules_chimux_router from "./modules/chimux/router.ts";
import modules_conditional_expression from "./modules/conditional/expression.ts";
import modules_conditional_ifelse from "./modules/conditional/ifelse.ts";
import modules_conditional_switch from "./modules/conditional/switch.ts";
import modules_core_config from "./modules/core/config.ts";
import modules_core_logger from "./modules/core/logger.ts";
import modules_core_metrics from "./modules/core/metrics.ts";
import modules_data_cache from "./modules/data/cache.ts";
import modules_data_database from "./modules/data/database.ts";
import modules_data_transformer from "./modules/data/transformer.ts";
import modules_database_modular from "./modules/database/modular.ts";
import modules_database_workflow from "./modules/database/workflow.ts";
import modules_dynamic_component from "./modules/dynamic/component.ts";
import modules_dynamic_folder from "./modules/dynamic/folder.ts";
import modules_event_processor from "./modules/event/processor.ts";
import modules_eventbus_modular from "./modules/eventbus/modular.ts";
import modules_eventlogger_modular from "./modules/eventlogger/modular.ts";
import modules_grpc_server from "./modules/grpc/server.ts";
import modules_health_checker from "./modules/health/checker.ts";
import modules_http_handler from "./modules/http/handler.ts";
import modules_http_middleware_auth from "./modules/http/middleware/auth.ts";
import modules_http_middleware_cors from "./modules/http/middleware/cors.ts";
import modules_http_middleware_logging from "./modules/http/middleware/logging.ts";
import modules_http_middleware_ratelimit from "./modules/http/middleware/ratelimit.ts";
import modules_http_middleware_requestid from "./modules/http/middleware/requestid.ts";
import modules_http_middleware_securityheaders from "./modules/http/middleware/securityheaders.ts";
import modules_http_proxy from "./modules/http/proxy.ts";
import modules_http_router from "./modules/http/router.ts";
import modules_http_server from "./modules/http/server.ts";
import modules_http_simple_proxy from "./modules/http/simple_proxy.ts";
import modules_httpclient_modular from "./modules/httpclient/modular.ts";
import modules_httpserver_modular from "./modules/httpserver/modular.ts";
import modules_integration_registry from "./modules/integration/registry.ts";
import modules_job_store from "./modules/job/store.ts";
import modules_jsonschema_modular from "./modules/jsonschema/modular.ts";
import modules_messaging_broker from "./modules/messaging/broker.ts";
import modules_messaging_broker_eventbus from "./modules/messaging/broker/eventbus.ts";
import modules_messaging_handler from "./modules/messaging/handler.ts";
import modules_messaging_kafka from "./modules/messaging/kafka.ts";
import modules_messaging_nats from "./modules/messaging/nats.ts";
import modules_metrics_collector from "./modules/metrics/collector.ts";
import modules_notification_slack from "./modules/notification/slack.ts";
import modules_observability_otel from "./modules/observability/otel.ts";
import modules_persistence_store from "./modules/persistence/store.ts";
import modules_processing_step from "./modules/processing/step.ts";
import modules_reverseproxy from "./modules/reverseproxy.ts";
import modules_scheduler from "./modules/scheduler.ts";
import modules_scheduler_cron from "./modules/scheduler/cron.ts";
import modules_scheduler_modular from "./modules/scheduler/modular.ts";
import modules_state_connector from "./modules/state/connector.ts";
import modules_state_tracker from "./modules/state/tracker.ts";
import modules_statemachine_engine from "./modules/statemachine/engine.ts";
import modules_static_fileserver from "./modules/static/fileserver.ts";
import modules_storage_s3 from "./modules/storage/s3.ts";
import modules_webhook_sender from "./modules/webhook/sender.ts";
import workflows_types_event from "./workflows/types/event.ts";
import workflows_types_http from "./workflows/types/http.ts";
import workflows_types_integration from "./workflows/types/integration.ts";
import workflows_types_messaging from "./workflows/types/messaging.ts";
import workflows_types_scheduler from "./workflows/types/scheduler.ts";
import workflows_types_statemachine from "./workflows/types/statemachine.ts";
import workflows_triggers_event from "./workflows/triggers/event.ts";
import workflows_triggers_eventbus from "./workflows/triggers/eventbus.ts";
import workflows_triggers_http from "./workflows/triggers/http.ts";
import workflows_triggers_mock from "./workflows/triggers/mock.ts";
import workflows_triggers_schedule from "./workflows/triggers/schedule.ts";
import workflows_steps_fail from "./workflows/steps/fail.ts";
import workflows_steps_http_request from "./workflows/steps/http/request.ts";
import workflows_steps_log from "./workflows/steps/log.ts";
import workflows_steps_publish from "./workflows/steps/publish.ts";
import workflows_steps_respond from "./workflows/steps/respond.ts";
import workflows_steps_set from "./workflows/steps/set.ts";
import workflows_steps_sleep from "./workflows/steps/sleep.ts";
import workflows_steps_sql from "./workflows/steps/sql.ts";
import workflows_steps_statemachine_transition from "./workflows/steps/statemachine/transition.ts";
import workflows_steps_transform from "./workflows/steps/transform.ts";

/** All definitions, in order of their paths. */
export const definitions: readonly AnyDefinition[] = [
  modules_api_handler,
  modules_auth_jwt,
  modules_auth_modular,
  modules_business_service,
  modules_cache_modular,
  modules_chimux_router,
  modules_conditional_expression,
  modules_conditional_ifelse,
  modules_conditional_switch,
  modules_core_config,
  modules_core_logger,
  modules_core_metrics,
  modules_data_cache,
  modules_data_database,
  modules_data_transformer,
  modules_database_modular,
  modules_database_workflow,
  modules_dynamic_component,
  modules_dynamic_folder,
  modules_event_processor,
  modules_eventbus_modular,
  modules_eventlogger_modular,
  modules_grpc_server,
  modules_health_checker,
  modules_http_handler,
  modules_http_middleware_auth,
  modules_http_middleware_cors,
  modules_http_middleware_logging,
  modules_http_middleware_ratelimit,
  modules_http_middleware_requestid,
  modules_http_middleware_securityheaders,
  modules_http_proxy,
  modules_http_router,
  modules_http_server,
  modules_http_simple_proxy,
  modules_httpclient_modular,
  modules_httpserver_modular,
  modules_integration_registry,
  modules_job_store,
  modules_jsonschema_modular,
  modules_messaging_broker,
  modules_messaging_broker_eventbus,
  modules_messaging_handler,
  modules_messaging_kafka,
  modules_messaging_nats,
  modules_metrics_collector,
  modules_notification_slack,
  modules_observability_otel,
  modules_persistence_store,
  modules_processing_step,
  modules_reverseproxy,
  modules_scheduler,
  modules_scheduler_cron,
  modules_scheduler_modular,
  modules_state_connector,
  modules_state_tracker,
  modules_statemachine_engine,
  modules_static_fileserver,
  modules_storage_s3,
  modules_webhook_sender,
  workflows_types_event,
  workflows_types_http,
  workflows_types_integration,
  workflows_types_messaging,
  workflows_types_scheduler,
  workflows_types_statemachine,
  workflows_triggers_event,
  workflows_triggers_eventbus,
  workflows_triggers_http,
  workflows_triggers_mock,
  workflows_triggers_schedule,
  workflows_steps_fail,
  workflows_steps_http_request,
  workflows_steps_log,
  workflows_steps_publish,
  workflows_steps_respond,
  workflows_steps_set,
  workflows_steps_sleep,
  workflows_steps_sql,
  workflows_steps_statemachine_transition,
  workflows_steps_transform,
];

/** The same, by kind and type. */
export const catalog: Catalog = createCatalog(definitions);
