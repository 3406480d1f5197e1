import assert from "node:assert/strict";
import {
  compileIntegration,
  type IntegrationStep,
} from "./_integration_pipeline.ts";

function step(fields: Partial<IntegrationStep> & { readonly name: string }) {
  return {
    connector: "api",
    action: "GET /",
    input: {},
    retryCount: 0,
    retryDelay: "1s",
    retryBackoff: "constant",
    ...fields,
  } as const;
}

function compile(...steps: readonly IntegrationStep[]) {
  const pipeline = compileIntegration({
    name: "orders",
    registry: "services",
    steps,
  });
  return {
    steps: pipeline.steps as Record<string, unknown>[],
    output: pipeline.output,
  };
}

const failed = (name: string) => `steps["${name}"].status == "failed"`;

Deno.test("a step calls its connector, and is tried again after even waits", () => {
  const { steps, output } = compile(step({
    name: "charge",
    action: "POST /charges/{id}",
    input: { id: "${data.id}", note: "Order ${data.id}" },
    retryCount: 2,
    retryDelay: "2s",
  }));
  assert.deepEqual(steps, [{
    id: "charge",
    use: "module:services.call",
    with: {
      connector: "api",
      action: "POST /charges/{id}",
      params: {
        id: '${{ input[?"id"].orValue(null) }}',
        note: 'Order ${{ input[?"id"].orValue(null) }}',
      },
    },
    retry: { attempts: 3, backoff: "2s", factor: 1, jitter: 0 },
  }]);
  assert.deepEqual(output, { charge: '${{ steps["charge"].output }}' });
});

Deno.test("a wait that cannot be read is a second, and an exponential one doubles", () => {
  const { steps: [one, two] } = compile(
    step({ name: "a", retryCount: 1.9, retryDelay: "soon" }),
    step({ name: "b", retryCount: 3, retryBackoff: "exponential" }),
  );
  assert.deepEqual(one?.retry, {
    attempts: 2,
    backoff: "1s",
    factor: 1,
    jitter: 0,
  });
  assert.deepEqual(two?.retry, {
    attempts: 4,
    backoff: "1s",
    factor: 2,
    jitter: 0.2,
  });
});

Deno.test("onError lets the run go on, tells who it names, and records the error", () => {
  const { steps: [call, tell, next], output } = compile(
    step({ name: "check", onError: "order-errors" }),
    step({ name: "ship", input: { why: "${check_error}" } }),
  );
  assert.equal(call?.onError, "continue");
  assert.deepEqual(tell, {
    id: "check-failed",
    use: "module:services.notify",
    when: failed("check"),
    with: {
      to: "order-errors",
      message: {
        workflow: "orders",
        step: "check",
        data: "${{ input }}",
        error: '${{ steps["check"].error[?"message"].orValue(null) }}',
      },
    },
    onError: "continue",
  });
  assert.equal(next?.onError, undefined);
  assert.deepEqual((next?.with as { params: unknown }).params, {
    why: '${{ steps["check"].error[?"message"].orValue(null) }}',
  });
  assert.deepEqual(output, {
    check: '${{ steps["check"].output }}',
    check_error: '${{ steps["check"].error[?"message"].orValue(null) }}',
    ship: '${{ steps["ship"].output }}',
  });
});

Deno.test("onError and onSuccess that name a step jump over those in between", () => {
  const { steps } = compile(
    step({ name: "a", onError: "d", onSuccess: "c" }),
    step({ name: "b" }),
    step({ name: "c" }),
    step({ name: "d" }),
  );
  const completed = 'steps["a"].status == "completed"';
  assert.deepEqual(steps.map(({ id, when }) => [id, when]), [
    ["a", undefined],
    ["b", `!(${failed("a")}) && !(${completed})`],
    ["c", `!(${failed("a")})`],
    ["d", undefined],
  ]);
});

Deno.test("a step that tells of another takes no name that is taken", () => {
  const long = "x".repeat(100);
  const { steps } = compile(
    step({ name: "a-failed" }),
    step({ name: "a", onError: "somebody" }),
    step({ name: long, onError: "somebody", onSuccess: "somebody" }),
  );
  const ids = steps.map(({ id }) => String(id));
  assert.equal(new Set(ids).size, 6);
  assert.ok(ids.includes("a-failed-2"));
  assert.ok(ids.every((id) => id.length <= 100));
});

Deno.test("a transform is applied if it is about the result", () => {
  const transformOf = (transform: string) =>
    (compile(step({ name: "a", transform })).steps[0]?.with as {
      transform?: string;
    }).transform;
  assert.equal(transformOf("{'id': result.id}"), "{'id': result.id}");
  assert.equal(transformOf('{"amount": data.result}'), undefined);
  assert.equal(transformOf("results.id"), undefined);
});
