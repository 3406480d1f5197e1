/**
 * Carries messages over Apache Kafka, at least once.
 *
 * @module
 */
import { defineModule } from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker } from "@engine/services/broker.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { actingOn, kafkaActions } from "./_kafka/actions.ts";
import { check, config } from "./_kafka/config.ts";
import { DELIVERY_METRICS } from "./_kafka/delivery.ts";
import { KafkaBroker } from "./_kafka/kafka_broker.ts";
import { kafkajsDriver } from "./_kafka/kafkajs_driver.ts";

export default defineModule({
  type: "messaging.kafka",
  summary: "Carries messages over Apache Kafka, at least once",
  stability: "beta",
  config,
  check,
  provides: [Broker, Actions, HealthReporter],
  actions: kafkaActions,
  metrics: DELIVERY_METRICS,
  examples: [{
    title: "Log every order, and keep what fails",
    modules: [
      {
        name: "orders",
        type: "messaging.kafka",
        config: {
          brokers: ["localhost:9092"],
          groupId: "order-log",
          keyField: "orderId",
          startFrom: "earliest",
          deadLetterTopic: "orders.failed",
        },
      },
      { name: "order-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "orders",
        subscriptions: [{ topic: "orders.paid", handler: "order-log" }],
      },
    },
  }],
  create(config, host) {
    const broker = new KafkaBroker(config, host, kafkajsDriver);
    return Object.assign(broker, actingOn(broker));
  },
});
