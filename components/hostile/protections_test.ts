/**
 * The suite is worth something: with one protection taken out, the probe that
 * the protection is for gets what it wants. Each test puts the pieces together
 * without one of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Broker, type BrokerOptions } from "../broker.ts";
import { readProbe } from "./probe.ts";
import { type Findings, type Pieces, tryProbes } from "./trial.ts";

async function found(name: string, pieces: Pieces): Promise<Findings> {
  const { findings } = await tryProbes([readProbe(name)], "process", pieces);
  const found = findings.get(name);
  assert.ok(found);
  return found;
}

/** What `prepareSource` does to these probes, but for what it refuses. */
const unchecked: Pieces = { prepare: (source) => Promise.resolve(source) };

function isBreach({ got, leaks }: Findings): boolean {
  return got !== null || leaks.length > 0;
}

/** A probe gets nothing with all protections, and something without this one. */
function withoutIt(
  protection: string,
  probe: string,
  pieces: Pieces,
): void {
  Deno.test({
    name: `${probe} gets through without ${protection}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      assert.equal(isBreach(await found(probe, {})), false);
      const { outcome, ...rest } = await found(probe, pieces);
      assert.ok(isBreach({ outcome, ...rest }), outcome);
    },
  });
}

/** A broker that grants what a probe was not granted. */
function granting(grants: Partial<BrokerOptions["grants"]>): Pieces {
  return {
    broker: (options) =>
      new Broker({ ...options, grants: { ...options.grants, ...grants } }),
  };
}

withoutIt("the check of imports", "import_data_url", unchecked);
withoutIt("the check of imports", "dynamic_import_data_url", unchecked);
withoutIt("the check of imports", "reexport_data_url", unchecked);

withoutIt("placeholders for secrets", "secrets_in_the_worker", {
  hasRealSecrets: true,
});

withoutIt("the check of files", "read_prefix", granting({ read: ["."] }));
withoutIt("the check of files", "read_parent", granting({ read: ["."] }));
withoutIt("the check of files", "write_outside", granting({ write: ["."] }));

withoutIt("the check of links", "read_link", {
  broker: (options, { targets }) =>
    new Broker({
      ...options,
      files: {
        ...options.files,
        read: (path) => Deno.readFile(`${targets.folder}/${path}`),
      },
    }),
});

withoutIt("the check of addresses", "net_not_granted", openNetwork());
withoutIt(
  "the check of each hop",
  "net_redirect_to_another_port",
  openNetwork(),
);
withoutIt("the check of each hop", "secret_by_redirect", openNetwork());

Deno.test({
  name: "endless_loop goes on without a limit of time",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const { outcome, deaths } = await found("endless_loop", {
      executionMs: Infinity,
      patienceMs: 1_500,
    });
    assert.match(outcome, /Cannot wait for more than|returned/);
    assert.deepEqual(deaths, []);
  },
});

/** A broker that sends whatever it is asked to, and follows redirects. */
function openNetwork(): Pieces {
  return {
    broker: (options) => {
      const broker = new Broker(options);
      return Object.assign(broker, {
        do: async (op: unknown, args: readonly unknown[]) => {
          assert.equal(op, "fetch");
          const [url, method, headers, body] = args;
          const response = await fetch(String(url), {
            method: String(method),
            headers: headers as [string, string][],
            body: typeof body === "string" ? atob(body) : null,
          });
          const { status } = response;
          const text = await response.text();
          return { status, headers: [], body: btoa(text) };
        },
      });
    },
  };
}
