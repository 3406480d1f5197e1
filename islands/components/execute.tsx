/**
 * A call by hand: params in, the result or the problem out, and how long it took.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, ask } from "../api.ts";
import { Pill } from "../parts/pill.tsx";
import type { Resource } from "../parts/resource.ts";
import { lengthText } from "../parts/time.ts";
import { apiOf, type ContractField, type Manifest } from "./component.ts";
import type { TabProps } from "./one.tsx";
import { wordsOf } from "../parts/action.tsx";
import { View } from "../parts/view.tsx";

/** What came of a call. */
interface Called {
  readonly status: "completed" | "failed" | "refused";
  readonly text: string;
  readonly ms: number;
}

/** A value of each type, to begin with. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  string: "",
  int: 0,
  float: 0,
  bool: false,
  map: {},
  slice: [],
  any: null,
};

/** See the module comment. */
export function Execute(
  { component, reload, manifest }: TabProps & {
    readonly manifest: Resource<Manifest>;
  },
): JSX.Element {
  return (
    <View name="the contract" resource={manifest} rows={3}>
      {({ contract }) => (
        <Call
          key={JSON.stringify(contract)}
          component={component}
          reload={reload}
          contract={contract}
        />
      )}
    </View>
  );
}

function Call(
  { component, reload, contract }: TabProps & {
    readonly contract: Manifest["contract"];
  },
): JSX.Element {
  const [params, setParams] = useState(() => sample(contract));
  const [key, setKey] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [called, setCalled] = useState<Called>();
  const problem = faultOf(params);
  const call = async (event: Event) => {
    event.preventDefault();
    if (isBusy || problem !== undefined) return;
    setBusy(true);
    setCalled(await execute(apiOf(component, "execute"), params, key));
    setBusy(false);
    reload();
  };
  return (
    <div class="execute-tab">
      <form class="card card-pad stacked" onSubmit={call}>
        <ParamsField params={params} problem={problem} onInput={setParams} />
        <label>
          Idempotency key
          <em>The same key is the same piece of work.</em>
          <input
            class="field mono"
            placeholder="A new one for each call"
            maxLength={255}
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </label>
        <div class="form-actions">
          <button
            type="submit"
            class="button primary"
            disabled={isBusy || problem !== undefined}
          >
            {isBusy ? "Executing" : "Execute"}
          </button>
        </div>
      </form>
      <section
        class="card card-pad stacked"
        aria-label="Result"
        aria-live="polite"
      >
        {called === undefined
          ? <Contract contract={contract} />
          : <Result called={called} />}
      </section>
    </div>
  );
}

function ParamsField(
  { params, problem, onInput }: {
    readonly params: string;
    readonly problem: string | undefined;
    readonly onInput: (params: string) => void;
  },
): JSX.Element {
  return (
    <>
      <label>
        Params
        <em>JSON, as a step or a route would give it.</em>
        <textarea
          class="field mono"
          rows={10}
          spellcheck={false}
          value={params}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined
            ? undefined
            : "params-problem"}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      </label>
      {problem !== undefined && (
        <p class="field-problem" id="params-problem">{problem}</p>
      )}
    </>
  );
}

async function execute(
  path: string,
  params: string,
  key: string,
): Promise<Called> {
  const from = performance.now();
  const ms = () => performance.now() - from;
  try {
    const { result } = await ask<{ readonly result: unknown }>(path, {
      method: "POST",
      body: {
        params: JSON.parse(params),
        ...key === "" ? {} : { idempotencyKey: key },
      },
    });
    const text = JSON.stringify(result, null, 2) ?? "Nothing came back";
    return { status: "completed", text, ms: ms() };
  } catch (error) {
    const isRefused = error instanceof ApiError && error.status === 403;
    const status = isRefused ? "refused" : "failed";
    return { status, text: wordsOf(error), ms: ms() };
  }
}

function Result({ called: { status, text, ms } }: { readonly called: Called }) {
  return (
    <>
      <div class="tool-row">
        <h2>Result</h2>
        <Pill status={status} />
        <span class="grow"></span>
        <span class="quiet number">{lengthText(ms)}</span>
      </div>
      <pre class="text-block call-result" tabIndex={0}>{text}</pre>
    </>
  );
}

function Contract(
  { contract }: { readonly contract: Manifest["contract"] },
): JSX.Element {
  if (contract === undefined) {
    return (
      <p class="quiet">
        It states no contract: it takes whatever it is given.
      </p>
    );
  }
  return (
    <>
      <h2>Contract</h2>
      <Fields title="Takes" fields={contract.requiredInputs} />
      <Fields title="May be given" fields={contract.optionalInputs} />
      <Fields title="Gives back" fields={contract.outputs} />
    </>
  );
}

function Fields(
  { title, fields }: {
    readonly title: string;
    readonly fields: Readonly<Record<string, ContractField>>;
  },
): JSX.Element | null {
  const all = Object.entries(fields);
  if (all.length === 0) return null;
  return (
    <div class="contract">
      <h3>{title}</h3>
      <dl>
        {all.map(([name, { type, description }]) => (
          <div key={name}>
            <dt>
              <code>{name}</code> <span class="quiet">{type}</span>
            </dt>
            {description !== undefined && <dd>{description}</dd>}
          </div>
        ))}
      </dl>
    </div>
  );
}

/** What it must be given, and what has a default. */
function sample(contract: Manifest["contract"]): string {
  const required = Object.entries(contract?.requiredInputs ?? {});
  const optional = Object.entries(contract?.optionalInputs ?? {})
    .filter(([, field]) => field.default !== undefined);
  const params = Object.fromEntries(
    [...required, ...optional].map(([name, field]) => [
      name,
      field.default ?? SAMPLES[field.type] ?? null,
    ]),
  );
  return JSON.stringify(params, null, 2);
}

function faultOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isMap = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    return isMap ? undefined : 'Params are a map, such as {"amount": 3}';
  } catch (error) {
    return `This is no JSON: ${wordsOf(error)}`;
  }
}
